"""Programs that look into the service: its memory, environment, descriptors and processes."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import WRONG, Attack
from codaserve.doctor.prelude import CALL, REPORT, SCAN

GROUP = "service"
PROC = ("mount_namespace", "landlock", "pid_namespace")
TRACE = ("seccomp", "landlock", "pid_namespace")
EACH = REPORT + SCAN
SECRETS = "(?i)token|secret|passw|api_?key|credential|aws_|redis|codaserve|kubernetes|ssh_"
# AT_RANDOM points below the strings that the kernel put on the stack, arguments and environment among them.
STACK = (
    CALL
    + f"""\
import re
libc.getauxval.restype = ctypes.c_ulong
start = libc.getauxval(25)
if not start: held("no place to look")
vector = ctypes.create_string_buffer(1)
def mapped(page): return libc.mincore(ctypes.c_void_p(page << 12), ctypes.c_size_t(4096), vector) == 0
text = ctypes.string_at(start, 4096 - start % 4096)
page = (start >> 12) + 1
while mapped(page) and len(text) < 1 << 20:
    text += ctypes.string_at(page << 12, 4096)
    page += 1
names = set(re.findall(rb"\\0([A-Za-z_][A-Za-z0-9_]*)=", text))
found = sorted(name for name in names if re.search({SECRETS.encode()!r}, name))
breach(f"the stack has {{found[:5]}}") if found else held(f"{{len(names)}} harmless names")
"""
)
REACH = CALL + SCAN


def _files(name: str, tries: str, *files: str) -> Attack:
    source = (
        EACH
        + f"met = set()\nfor pid in pids():\n    for name in {files!r}:\n        path = f'/proc/{{pid}}/{{name}}'\n"
        "        try:\n            found = os.listdir(path) if name.endswith('/') else open(path, 'rb').read(64)\n"
        "        except OSError as error: met.add(code(error.errno))\n"
        "        else:\n            if found: breach(f'{path} can be read')\nheld(', '.join(sorted(met)) or 'empty')"
    )
    return Attack(GROUP, name, tries, source, layers=PROC)


def _each(name: str, tries: str, action: str) -> Attack:
    source = (
        REACH + "met = set()\nbuffer = ctypes.create_string_buffer(64)\n"
        "vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)\nnowhere = (ctypes.c_void_p * 2)(16, 64)\n"
        f"for pid in pids():\n    got, number = {action}\n"
        "    if got != -1 or number in (errno.EFAULT, errno.EIO, errno.EINVAL): breach(f'reached process {pid}')\n"
        "    met.add(code(number))\nheld(', '.join(sorted(met)))"
    )
    return Attack(GROUP, name, tries, source, layers=TRACE)


ATTACKS = (
    _files("environments", "read the environment of processes", "environ"),
    _files("command lines", "read the command lines of processes", "cmdline"),
    _files("memory files", "read the memory of processes as files", "mem", "maps", "smaps", "pagemap"),
    _files("descriptors", "open the descriptors of processes", "fd/", "fd/0", "fd/1", "fd/3", "fd/5"),
    _files("folders", "see folders and programs of processes", "root/", "cwd/", "root/etc/passwd", "exe"),
    _files("kernel's view", "see what the kernel knows of processes", "status", "stat", "stack", "syscall", "mountinfo", "cgroup"),
    Attack(GROUP, "changing /proc", "write to files of /proc", REPORT + "def append(path):\n    with open(path, 'a') as file: return path\nattempt(*[lambda p=p: append(p) for p in ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/self/oom_score_adj', '/proc/1/oom_score_adj', f'/proc/{os.getppid()}/mem', '/proc/self/mem', '/proc/sys/kernel/hostname')])", layers=PROC),
    Attack(GROUP, "cgroups", "change the groups that limit it", REPORT + "def append(path):\n    with open(path, 'a') as file: return path\nattempt(*[lambda p=p: append(p) for p in ('/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/release_agent', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/cgroup.subtree_control')], lambda: (os.mkdir('/sys/fs/cgroup/codaserve-doctor'), os.rmdir('/sys/fs/cgroup/codaserve-doctor')))", layers=PROC),
    _each("tracing", "attach to processes", "syscall(101, 117, 0x4206, pid, 0, 0)"),
    _each("reading memory", "read the memory of processes by system call", "syscall(310, 270, pid, vector, 1, nowhere, 1, 0)"),
    _each("writing memory", "write to the memory of processes by system call, where none is", "syscall(311, 271, pid, vector, 1, nowhere, 1, 0)"),
    _each("limits", "read and set the limits of processes", "syscall(302, 261, pid, 0, None, buffer)"),
    _each("opening", "open processes as descriptors", "syscall(434, 434, pid, 0)"),
    _each("comparing", "find shared resources of processes", "syscall(312, 272, pid, os.getpid(), 0, 0, 0)"),
    _each("processors", "pin processes to a processor", "syscall(203, 122, pid, 0, None)"),
    Attack(GROUP, "taking descriptors", "take a descriptor out of the parent", CALL + "got, number = syscall(434, 434, os.getppid() or 1, 0)\nif got == -1: refused((got, number), errno.ESRCH, errno.EINVAL)\nfor wanted in range(64):\n    taken, number = syscall(438, 438, got, wanted, 0)\n    if taken != -1: breach(f'took descriptor {wanted}')\nheld(code(number))", layers=TRACE),
    Attack(GROUP, "inviting a tracer", "become a process that others may trace", CALL + "refused(syscall(157, 167, 0x59616d61, -1, 0, 0, 0), errno.EINVAL)", layers=("seccomp",)),
    Attack(GROUP, "becoming readable", "undo that its memory cannot be read", CALL + "refused(syscall(157, 167, 4, 1, 0, 0, 0))", layers=("seccomp",)),
    Attack(GROUP, "secrets in the environment", "find names and values of secrets in its environment", REPORT + "import re\nwords = re.compile('" + SECRETS + "')\nfound = [name for name in os.environ if words.search(name)] + [name for name, value in os.environ.items() if '://' in value and '@' in value]\nbreach(f'the environment has {found[:5]}') if found else held(f'{len(os.environ)} harmless names')", layers=("own environment",)),
    Attack(GROUP, "the environment before it was cleaned", "read the environment where the loader put it", STACK, layers=("own environment",)),
    Attack(GROUP, "arguments before they were cleaned", "read the command line where the loader put it", REPORT + "import sys\nfound = [a for a in getattr(sys, 'orig_argv', []) if '--' in a and '=' in a]\nbreach(f'sees {found[:3]}') if found else held('harmless arguments')", layers=("own process",)),
    Attack(GROUP, "inherited descriptors", "read from descriptors that were left open", REPORT + "import stat\nstrange = []\nfor descriptor in range(3, 1024):\n    try: status = os.fstat(descriptor)\n    except OSError: continue\n    if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):\n        try: found = os.pread(descriptor, 64, 0) if stat.S_ISREG(status.st_mode) else b'folder'\n        except OSError: continue\n        if found: strange.append((descriptor, found[:16]))\nbreach(f'can read {strange[:2]}') if strange else held('nothing to read')", ends=WRONG, layers=("descriptors closed",)),
    Attack(GROUP, "modules of the service", "use the service's own modules", REPORT + "import sys\nfound = [name for name in sys.modules if name.partition('.')[0] in ('scorer', 'codaserve', 'grpc', 'google')]\nif found: breach(f'loaded: {found[:3]}')\nattempt(*[lambda n=n: __import__(n) for n in ('scorer', 'codaserve', 'grpc')])", layers=("own process",)),
    Attack(GROUP, "expected values as files", "find the tests on disk", REPORT + "wanted = 'expec' + 'ted-'\nfound = []\nseen = 0\nfor root, names, files in (step for top in ('.', os.environ.get('TMPDIR', '.'), '/tmp', '/scratch') for step in os.walk(top)):\n    for name in files:\n        seen += 1\n        if seen > 2000: break\n        try: text = open(os.path.join(root, name), errors='replace').read(1 << 16)\n        except OSError: continue\n        if wanted in text: found.append(os.path.join(root, name))\nbreach(f'{found[0]} holds what is expected') if found else held('no such file')", layers=("mount_namespace", "landlock")),
)  # fmt: skip
