"""System calls that ordinary programs do not need. Each is made so that it does nothing where it is allowed.

Arguments are chosen so that the kernel refuses for the right before it refuses for the arguments: EPERM means held, any
other error that the call was let through.
"""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import CRASH, Attack
from codaserve.doctor.prelude import CALL

GROUP = "kernel"
LAYERS = ("seccomp", "dropped_privileges")
# Machine code: mov eax, NUMBER; int 0x80; ret. The 32-bit table of calls, which a filter for 64 bits does not see.
CODE = """\
if os.uname().machine != 'x86_64': held('no such table on this machine')
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b'\\xb8' + ({number}).to_bytes(4, 'little') + b'\\x53\\x31\\xdb\\x31\\xc9\\x31\\xd2\\xcd\\x80\\x5b\\xc3')
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
got = call()
if got == 0 and {number} == 2: os._exit(0)
held(code(-got)) if got in (-errno.EPERM, -errno.ENOSYS, -errno.EACCES) else breach(f'call {number} of the 32-bit table returned {{got}}')
"""


def _call(name: str, tries: str, numbers: str, arguments: str = "", before: str = "", also: str = "") -> Attack:
    source = CALL + before + f"refused(syscall({numbers}{', ' if arguments else ''}{arguments}){also and ', ' + also})"
    return Attack(GROUP, name, tries, source, layers=LAYERS)


def _table(name: str, tries: str, number: int) -> Attack:
    return Attack(GROUP, name, tries, CALL + CODE.format(number=number), ends=CRASH, layers=("seccomp",))


SLASH = "root = ctypes.create_string_buffer(b'/')\n"
NONE = "none = ctypes.create_string_buffer(b'/codaserve-doctor-none')\n"
ZERO = "zero = ctypes.create_string_buffer(256)\n"

ATTACKS = (
    _call("mount", "change how mounts spread", "165, 40", "None, root, None, (1 << 18) | (1 << 20), None", SLASH),
    _call("umount2", "unmount", "166, 39", "root, 5", SLASH),
    _call("pivot_root", "change the root", "155, 41", "none, none", NONE),
    _call("chroot", "change the root of the process", "161, 51", "root", SLASH),
    _call("fsopen", "make a file system", "430, 430", "name, 0", "name = ctypes.create_string_buffer(b'tmpfs')\n"),
    _call("open_tree", "copy a mount", "428, 428", "-100, root, 1", SLASH),
    _call("move_mount", "move a mount", "429, 429", "-1, none, -1, none, 0", NONE),
    _call("mount_setattr", "make a mount writable", "442, 442", "-1, none, 0, zero, 32", NONE + ZERO),
    _call("unshare a user namespace", "become root in a user namespace", "272, 97", "0x10000000"),
    _call("unshare a mount namespace", "get mounts of its own", "272, 97", "0x20000"),
    _call("unshare a network namespace", "get a network of its own", "272, 97", "0x40000000"),
    _call("clone into a user namespace", "start a process that is root in a user namespace", "56, 220", "0x10000011, 0, 0, 0, 0", "import functools\ninner = syscall\ndef syscall(*a):\n    got = inner(*a)\n    if got[0] == 0: os._exit(0)\n    return got\n"),
    _call("clone3", "start a process by the call of which a filter cannot see the flags", "435, 435", "None, 0"),
    _call("setns", "enter another namespace", "308, 268", "got, 0x4000000", "got, number = syscall(434, 434, os.getpid(), 0)\nif got == -1: refused((got, number))\n"),
    _call("setuid", "become root", "105, 146", "0"),
    _call("setresuid", "become root by all of its user ids", "117, 147", "0, 0, 0"),
    _call("setresgid", "become root's group", "119, 149", "0, 0, 0"),
    _call("setgroups", "join groups", "116, 159", "1, zero", ZERO),
    _call("setfsuid", "use files as root", "122, 151", "0", "got, number = syscall(122, 151, -1)\nif got == 0: breach('uses files as root')\nif got > 0:\n    syscall(122, 151, 0)\n    got, number = syscall(122, 151, -1)\n    held(f'stays {got}') if got > 0 else breach('uses files as root')\n"),
    _call("capset", "take all capabilities", "126, 91", "head, all", "import struct\nhead = ctypes.create_string_buffer(struct.pack('II', 0x20080522, 0), 8)\nall = ctypes.create_string_buffer(struct.pack('6I', *[0xFFFFFFFF, 0xFFFFFFFF, 0, 0x1FF, 0x1FF, 0]), 24)\n"),
    _call("bpf", "load something into the kernel", "321, 280", "0, attributes, 72", "import struct\nattributes = ctypes.create_string_buffer(struct.pack('4I', 2, 4, 4, 1), 72)\n"),
    _call("io_uring_setup", "make calls that no filter sees", "425, 425", "1, zero", ZERO),
    _call("userfaultfd", "stop the kernel in its tracks", "323, 282", "1"),
    _call("keyctl", "use the kernel's keys", "250, 219", "0, -3, 0"),
    _call("add_key", "put a key into the kernel", "248, 217", "kind, name, name, 1, -2", "kind = ctypes.create_string_buffer(b'user')\nname = ctypes.create_string_buffer(b'codaserve-doctor')\n"),
    _call("request_key", "have the kernel ask for a key", "249, 218", "kind, name, None, 0", "kind = ctypes.create_string_buffer(b'user')\nname = ctypes.create_string_buffer(b'codaserve-doctor')\n"),
    _call("memfd_create", "make a file that lies in no folder", "319, 279", "name, 0", "name = ctypes.create_string_buffer(b'x')\n"),
    _call("memfd_secret", "take memory away from the kernel", "447, 447", "0"),
    _call("execveat", "execute a file that lies in no folder", "322, 281", "-1, empty, None, None, 0x1000", "empty = ctypes.create_string_buffer(1)\n"),
    _call("perf_event_open", "watch the processor's counters", "298, 241", "attributes, 0, -1, -1, 0", "import struct\nattributes = ctypes.create_string_buffer(struct.pack('2I4Q', 1, 112, 0, 0, 0, 0) + struct.pack('Q', 0x61), 112)\n"),
    _call("personality", "switch address randomization off", "135, 92", "0x40000"),
    _call("init_module", "load a kernel module", "175, 105", "None, 0, empty", "empty = ctypes.create_string_buffer(1)\n"),
    _call("finit_module", "load a kernel module from a file", "313, 273", "-1, empty, 0", "empty = ctypes.create_string_buffer(1)\n"),
    _call("delete_module", "remove a kernel module", "176, 106", "none, 0x800", NONE),
    _call("kexec_load", "load another kernel", "246, 104", "0, 17, None, 0"),
    _call("reboot", "stop the machine, with a number that the kernel does not know", "169, 142", "0xdead, 0, 0, None"),
    _call("clock_settime", "set the clock to what it says", "227, 112", "0, now", "import struct, time\nnow = ctypes.create_string_buffer(struct.pack('qq', *divmod(time.time_ns(), 10 ** 9)), 16)\n"),
    _call("sethostname", "rename the host, with a length that the kernel refuses", "170, 161", "zero, -1", ZERO),
    _call("swapon", "use a file as memory", "167, 224", "none, 0", NONE),
    _call("acct", "have processes recorded", "163, 89", "none", NONE),
    _call("quotactl", "change quotas", "179, 60", "0, none, 0, None", NONE),
    _call("iopl", "talk to devices by their ports", "172, None", "3"),
    _call("ioperm", "talk to one device by its port", "173, None", "0x80, 1, 1"),
    _call("modify_ldt", "change segments of memory", "154, None", "0, zero, 16", ZERO),
    _call("name_to_handle_at", "get the handle of a file", "303, 264", "-100, root, zero, zero, 0", SLASH + ZERO),
    _call("open_by_handle_at", "open a file by its handle, past all folders", "304, 265", "got, handle, 0", "import struct\nhandle = ctypes.create_string_buffer(struct.pack('Ii', 8, 1), 64)\ngot = os.open('/', os.O_RDONLY) if os.access('/', os.R_OK) else 0\n"),
    _call("fanotify_init", "watch files of others", "300, 262", "0, 0"),
    _call("syslog", "read the kernel's log", "103, 116", "10, None, 0"),
    _call("ptrace", "have itself traced", "101, 117", "0, 0, 0, 0"),
    _call("pidfd_send_signal", "signal by descriptor", "424, 424", "-1, 0, None, 0"),
    _call("ioctl TIOCSTI", "type on the terminal", "16, 29", "0, 0x5412, zero", ZERO, "errno.ENOTTY"),
    _call("ioctl TIOCLINUX", "paste into the console", "16, 29", "0, 0x541C, zero", ZERO, "errno.ENOTTY"),
    _table("32-bit getpid", "make a call by the 32-bit table", 20),
    _table("32-bit fork", "start a process by the 32-bit table", 2),
    _table("32-bit socketcall", "open a socket by the 32-bit table", 102),
    _call("x32 getpid", "make a call by the x32 table", "0x40000027, None"),
    _call("x32 socket", "open a socket by the x32 table", "0x40000029, None", "2, 1, 0"),
)  # fmt: skip
