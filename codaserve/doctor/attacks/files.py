"""Programs that read or change files that are not theirs, or fill the disk."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import CRASH, FORBIDDEN, OUTPUT, WRONG, Attack
from codaserve.doctor.prelude import CALL, REPORT

GROUP = "files"
READ = ("mount_namespace", "landlock", "dropped_privileges")
WRITE = ("mount_namespace", "landlock", "dropped_privileges")
FILL = ("mount_namespace", "landlock", "rlimits")
SPECIAL = ("mount_namespace", "landlock", "seccomp")


def _read(name: str, tries: str, *paths: str) -> Attack:
    return Attack(
        GROUP, name, tries, REPORT + f"attempt(*[lambda p=p: open(p, 'rb').read(80) for p in {paths!r}])", layers=READ
    )


def _list(name: str, tries: str, *paths: str) -> Attack:
    return Attack(GROUP, name, tries, REPORT + f"attempt(*[lambda p=p: os.listdir(p) for p in {paths!r}])", layers=READ)


ATTACKS = (
    _read("shadow", "read the host's password hashes", "/etc/shadow", "/etc/gshadow"),
    _read("passwd", "read the host's users", "/etc/passwd", "/etc/group"),
    _read("host's name and configuration", "read what tells one host from another", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/machine-id", "/etc/fstab", "/etc/os-release.d/x"),
    _read("keys", "read keys of people and of the cluster", "/root/.ssh/id_rsa", "/root/.ssh/authorized_keys", "/etc/ssh/ssh_host_ed25519_key", "/var/run/secrets/kubernetes.io/serviceaccount/token", "/root/.kube/config", "/root/.aws/credentials", "/root/.docker/config.json", "/root/.netrc", "/root/.bash_history"),
    _read("passwd by detours", "read the host's users by other names of the file", "/proc/self/root/etc/passwd", "/proc/1/root/etc/passwd", "../../../../../../etc/passwd", "/usr/../etc/passwd", "/dev/../etc/passwd", "/tmp/../etc/passwd"),
    Attack(GROUP, "passwd by a link", "read the host's users through a link of its own", REPORT + "def linked():\n    os.symlink('/etc/passwd', 'way')\n    return open('way').read(80)\ndef hard():\n    os.link('/etc/passwd', 'hard')\n    return open('hard').read(80)\nattempt(linked, hard)", layers=READ),
    Attack(GROUP, "passwd by openat2", "read the host's users by a newer system call", CALL + "path = ctypes.create_string_buffer(b'/etc/passwd')\nhow = ctypes.create_string_buffer(24)\ngot, number = syscall(437, 437, -100, path, how, 24)\nif got == -1: held(code(number))\nbreach(os.read(got, 80))", layers=READ),
    _list("homes", "list the folders of people", "/root", "/home"),
    _list("the host's root", "list folders that programs do not need", "/var", "/var/log", "/srv", "/boot", "/sys", "/run", "/media", "/mnt", "/lost+found"),
    _read("kernel", "read from the kernel's memory and logs", "/dev/mem", "/dev/kmem", "/dev/kmsg", "/proc/kcore", "/proc/kallsyms", "/sys/kernel/notes", "/sys/kernel/debug/x"),
    _read("disks", "read from disks past their file systems", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/dm-0", "/dev/loop0", "/dev/fuse", "/dev/net/tun", "/dev/kvm"),
    Attack(GROUP, "poisoned library", "change a module of the standard library", REPORT + "import json\ndef edit():\n    with open(json.__file__, 'a'): return 'opened for writing'\ndef replace(): os.rename(json.__file__, json.__file__ + '.x')\nattempt(edit, lambda: open(os.path.join(os.path.dirname(json.__file__), 'codaserve-doctor.py'), 'x'))", layers=WRITE),
    Attack(GROUP, "site files", "leave a file that every interpreter would run", REPORT + "import sys, sysconfig\nfolders = {sysconfig.get_path('purelib'), sysconfig.get_path('platlib'), *[p for p in sys.path if os.path.isabs(p)]} - {None, os.getcwd()}\nscratch = os.path.realpath(os.environ.get('TMPDIR', '/nonexistent'))\ndef leave(folder):\n    path = os.path.join(folder, 'codaserve-doctor.pth')\n    with open(path, 'x'): pass\n    os.unlink(path)\n    return path\nattempt(*[lambda f=f: leave(f) for f in sorted(folders) if not os.path.realpath(f).startswith(scratch)])", layers=WRITE),
    Attack(GROUP, "bytecode", "change the compiled form of a module", REPORT + "import json\nattempt(lambda: open(json.__cached__, 'r+b'))", layers=WRITE),
    Attack(GROUP, "writing outside", "make files outside of the scratch folder", REPORT + "def make(folder):\n    path = os.path.join(folder, 'codaserve-doctor')\n    with open(path, 'x'): pass\n    os.unlink(path)\n    return path\nattempt(*[lambda f=f: make(f) for f in ('/', '/etc', '/usr/bin', '/usr/lib', '/root', '/home', '/var/tmp', '/var/spool/cron', '/run', '/opt', '/dev', '/scratch', '/etc/cron.d')])", layers=WRITE),
    Attack(GROUP, "linker's configuration", "have other programs load a library of its own", REPORT + "attempt(*[lambda p=p: open(p, 'a') for p in ('/etc/ld.so.preload', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/environment', '/etc/profile')])", layers=WRITE),
    Attack(GROUP, "attributes of others", "change modes, owners and times of files that are not its own", REPORT + "import sys\nthem = sys.executable or '/usr/bin/env'\nstat = os.stat('/usr')\nattempt(lambda: os.chmod('/usr', stat.st_mode & 0o7777), lambda: os.utime('/usr', ns=(stat.st_atime_ns, stat.st_mtime_ns)), lambda: os.setxattr('/usr', 'user.codaserve', b'x'), lambda: os.chown('/usr', stat.st_uid, stat.st_gid))", layers=("seccomp", "mount_namespace", "dropped_privileges")),
    Attack(GROUP, "set-user-id", "make a program that others would run with its rights", REPORT + "try:\n    with open('suid', 'wb') as file: file.write(b'#!/bin/sh')\n    os.chmod('suid', 0o6755)\nexcept OSError as error: held(code(error.errno))\nif os.statvfs('.').f_flag & os.ST_NOSUID: held('nosuid')\nbreach('the folder honours set-user-id')", layers=SPECIAL),
    Attack(GROUP, "device", "make a device node", REPORT + "def use():\n    os.mknod('device', 0o20666, os.makedev(1, 1))\n    return open('device', 'rb').read(1)\nattempt(use, lambda: os.mknod('zero', 0o20666, os.makedev(1, 5)))", layers=("seccomp", "landlock", "dropped_privileges")),
    Attack(GROUP, "named pipe", "make a named pipe on which a cleaner could wait", REPORT + "def make():\n    os.mkfifo('pipe')\n    return 'made'\nattempt(make)", layers=("seccomp", "landlock")),
    Attack(GROUP, "full disk", "write files until it is refused, 1 gigabyte at most", REPORT + "total = 0\ntry:\n    for number in range(1024):\n        with open(f'fill{number}', 'wb', buffering=0) as file: total += file.write(bytes(1 << 20))\nexcept OSError as error: held(f'{code(error.errno)} after {total >> 20} megabytes')\nbreach('wrote 1 gigabyte')", ends=FORBIDDEN | OUTPUT, layers=FILL),
    Attack(GROUP, "large file", "write one file until it is refused, 1 gigabyte at most", REPORT + "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\ntotal = 0\ntry:\n    with open('large', 'wb', buffering=0) as file:\n        for _ in range(1024):\n            wrote = file.write(bytes(1 << 20))\n            total += wrote\nexcept OSError as error: held(f'{code(error.errno)} after {total >> 20} megabytes')\nbreach('wrote 1 gigabyte')", ends=FORBIDDEN | OUTPUT, layers=FILL),
    Attack(GROUP, "sparse file", "make a file of a terabyte that holds nothing", REPORT + "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\ndef stretch():\n    with open('sparse', 'wb') as file: return os.ftruncate(file.fileno(), 10 ** 12)\nattempt(stretch)", ends=FORBIDDEN | OUTPUT, layers=FILL),
    Attack(GROUP, "reserved space", "reserve disk space without writing", REPORT + "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\ndef reserve():\n    with open('reserved', 'wb') as file: return os.posix_fallocate(file.fileno(), 0, 4 << 30)\nattempt(reserve)", ends=FORBIDDEN | OUTPUT, layers=FILL),
    Attack(GROUP, "all inodes", "make empty files until it is refused, 50,000 at most", REPORT + "count = 0\ntry:\n    for count in range(50000): os.close(os.open(f'inode{count}', os.O_CREAT | os.O_WRONLY))\nexcept OSError as error: held(f'{code(error.errno)} after {count}')\nbreach('made 50000 files')", ends=FORBIDDEN | OUTPUT, layers=FILL),
    Attack(GROUP, "many links", "make links to one file until it is refused, 50,000 at most", REPORT + "count = 0\ntry:\n    os.close(os.open('one', os.O_CREAT | os.O_WRONLY))\n    for count in range(50000): os.symlink('one', f'link{count}')\nexcept OSError as error: held(f'{code(error.errno)} after {count}')\nbreach('made 50000 links')", ends=FORBIDDEN | OUTPUT, layers=FILL),
    Attack(GROUP, "mounted over", "mount a file system of its own", REPORT + "import ctypes\nl = ctypes.CDLL(None, use_errno=True)\nif l.mount(b'none', b'.', b'tmpfs', 0, b'size=4k') == 0:\n    l.umount2(b'.', 2); breach('mounted')\nheld(code(ctypes.get_errno()))", ends=CRASH, layers=("seccomp", "dropped_privileges")),
    Attack(GROUP, "out of the root", "climb out of the root through an open folder", REPORT + "found = []\nfor descriptor in range(3, 256):\n    try:\n        inner = os.open('etc/passwd', os.O_RDONLY, dir_fd=descriptor)\n        found.append(descriptor)\n    except OSError: pass\nbreach(f'descriptor {found[0]} leads to the host') if found else held('no open folder')", ends=WRONG - OUTPUT, layers=("descriptors closed",)),
)  # fmt: skip
