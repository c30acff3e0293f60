"""Programs that read or change files that are not theirs, or fill the disk."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import FORBIDDEN, OUTPUT, WRONG, Attack
from codaserve.doctor.prelude import CALL, REPORT

GROUP = "files"
READ = ("mount_namespace", "landlock", "dropped_privileges")
WRITE = ("mount_namespace", "landlock", "dropped_privileges")
FILL = ("mount_namespace", "landlock", "rlimits")
SPECIAL = ("mount_namespace", "landlock", "seccomp")


# Whatever is made is taken away again, where it could be made.
MAKE = (
    REPORT
    + """\
def make(path):
    with open(path, "x"): pass
    os.unlink(path)
    return path
"""
)


def _fill(name: str, tries: str, step: str, steps: int, most: str) -> Attack:
    source = (
        REPORT + "import shutil, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nmet, made = '', 0\n"
        f"try:\n    os.mkdir('doctor')\n    for made in range({steps}): {step}\n"
        "except OSError as error: met = code(error.errno)\nshutil.rmtree('doctor', ignore_errors=True)\n"
        f"held(f'{{met}} after {{made}}') if met else breach('{most}')"
    )
    return Attack(GROUP, name, tries, source, ends=FORBIDDEN | OUTPUT, layers=FILL)


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
    Attack(GROUP, "passwd by a link", "read the host's users through a link of its own", REPORT + "def through(link):\n    link('/etc/passwd', 'way')\n    try: return open('way').read(80)\n    finally: os.unlink('way')\nattempt(lambda: through(os.symlink), lambda: through(os.link))", layers=READ),
    Attack(GROUP, "passwd by openat2", "read the host's users by a newer system call", CALL + "path = ctypes.create_string_buffer(b'/etc/passwd')\nhow = ctypes.create_string_buffer(24)\ngot, number = syscall(437, 437, -100, path, how, 24)\nif got == -1: held(code(number))\nbreach(os.read(got, 80))", layers=READ),
    _list("homes", "list the folders of people", "/root", "/home"),
    _list("the host's root", "list folders that programs do not need", "/var", "/var/log", "/srv", "/boot", "/sys", "/run", "/media", "/mnt", "/lost+found"),
    _read("kernel", "read from the kernel's memory and logs", "/dev/mem", "/dev/kmem", "/dev/kmsg", "/proc/kcore", "/proc/kallsyms", "/sys/kernel/notes", "/sys/kernel/debug/x"),
    _read("disks", "read from disks past their file systems", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/dm-0", "/dev/loop0", "/dev/fuse", "/dev/net/tun", "/dev/kvm"),
    Attack(GROUP, "poisoned library", "change a module of the standard library", MAKE + "import json\ndef edit():\n    with open(json.__file__, 'a'): return 'opened for writing'\nattempt(edit, lambda: make(os.path.join(os.path.dirname(json.__file__), 'codaserve-doctor.py')))", layers=WRITE),
    Attack(GROUP, "site files", "leave a file that every interpreter would run", MAKE + "import sys, sysconfig\nfolders = {sysconfig.get_path('purelib'), sysconfig.get_path('platlib'), *[p for p in sys.path if os.path.isabs(p)]} - {None, os.getcwd()}\nscratch = os.path.realpath(os.environ.get('TMPDIR', '/nonexistent'))\nattempt(*[lambda f=f: make(os.path.join(f, 'codaserve-doctor.pth')) for f in sorted(folders) if not os.path.realpath(f).startswith(scratch)])", layers=WRITE),
    Attack(GROUP, "bytecode", "change the compiled form of a module", REPORT + "import json\nattempt(lambda: open(json.__cached__, 'r+b'))", layers=WRITE),
    Attack(GROUP, "writing outside", "make files outside of the scratch folder", MAKE + "attempt(*[lambda f=f: make(os.path.join(f, 'codaserve-doctor')) for f in ('/', '/etc', '/usr/bin', '/usr/lib', '/root', '/home', '/var/tmp', '/var/spool/cron', '/run', '/opt', '/dev', '/scratch', '/etc/cron.d')])", layers=WRITE),
    Attack(GROUP, "linker's configuration", "have other programs load a library of its own", MAKE + "attempt(*[lambda p=p: os.open(p, os.O_WRONLY) for p in ('/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/environment', '/etc/profile')], lambda: make('/etc/ld.so.conf.d/codaserve-doctor.none'))", layers=WRITE),
    Attack(GROUP, "attributes of others", "change modes, owners and times of files that are not its own, to what they are", REPORT + "stat = os.stat('/usr')\nattempt(lambda: os.chmod('/usr', stat.st_mode & 0o7777), lambda: os.utime('/usr', ns=(stat.st_atime_ns, stat.st_mtime_ns)), lambda: os.chown('/usr', stat.st_uid, stat.st_gid))", layers=("seccomp", "mount_namespace", "dropped_privileges")),
    Attack(GROUP, "set-user-id", "make a program that others would run with its rights", REPORT + "try:\n    with open('suid', 'wb') as file: file.write(b'#!/bin/sh')\n    os.chmod('suid', 0o6755)\nexcept OSError as error: held(code(error.errno))\nfinally:\n    if os.path.exists('suid'): os.unlink('suid')\nif os.statvfs('.').f_flag & os.ST_NOSUID: held('nosuid')\nbreach('the folder honours set-user-id')", layers=SPECIAL),
    Attack(GROUP, "device", "make a device node", REPORT + "def use(number):\n    os.mknod('device', 0o20666, os.makedev(1, number))\n    try: return open('device', 'rb').read(1)\n    finally: os.unlink('device')\nattempt(lambda: use(1), lambda: use(5))", layers=("seccomp", "landlock", "dropped_privileges")),
    Attack(GROUP, "named pipe", "make a named pipe on which a cleaner could wait", REPORT + "def use():\n    os.mkfifo('pipe')\n    os.unlink('pipe')\n    return 'made'\nattempt(use)", layers=("seccomp", "landlock")),
    _fill("full disk", "write files until it is refused, 1 gigabyte at most", "open(f'doctor/{made}', 'wb', buffering=0).write(bytes(1 << 20))", 1024, "wrote 1 gigabyte"),
    _fill("large file", "write one file until it is refused, 1 gigabyte at most", "open('doctor/large', 'ab', buffering=0).write(bytes(1 << 20))", 1024, "wrote 1 gigabyte"),
    _fill("sparse file", "make a file of a terabyte that holds nothing", "os.ftruncate(os.open('doctor/sparse', os.O_CREAT | os.O_WRONLY), 10 ** 12)", 1, "made a file of a terabyte"),
    _fill("reserved space", "reserve 4 gigabytes without writing", "os.posix_fallocate(os.open('doctor/reserved', os.O_CREAT | os.O_WRONLY), 0, 4 << 30)", 1, "reserved 4 gigabytes"),
    _fill("all inodes", "make empty files until it is refused, 50,000 at most", "os.close(os.open(f'doctor/{made}', os.O_CREAT | os.O_WRONLY))", 50000, "made 50000 files"),
    _fill("many links", "make links until it is refused, 50,000 at most", "os.symlink('x', f'doctor/{made}')", 50000, "made 50000 links"),
    Attack(GROUP, "out of the root", "climb out of the root through an open folder", REPORT + "found = []\nfor descriptor in range(3, 256):\n    try:\n        inner = os.open('etc/passwd', os.O_RDONLY, dir_fd=descriptor)\n        found.append(descriptor)\n    except OSError: pass\nbreach(f'descriptor {found[0]} leads to the host') if found else held('no open folder')", ends=WRONG - OUTPUT, layers=("descriptors closed",)),
)  # fmt: skip
