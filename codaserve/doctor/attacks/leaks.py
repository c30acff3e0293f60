"""Pairs of programs of which the second looks for what the first left, or does while the second runs."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import WRONG, Attack
from codaserve.doctor.prelude import CALL, REPORT, SCAN

GROUP = "leaks"
WIPED = ("mount_namespace", "landlock", "supervision")
FOLDERS = "folders = {'.', os.environ.get('TMPDIR', '.'), os.environ.get('HOME', '.'), '/tmp', '/var/tmp', '/dev/shm', '/run', '/scratch', '/run/lock', '/dev/mqueue'}\n"
LEAVE = (
    REPORT
    + FOLDERS
    + "left = []\nfor folder in folders:\n    try:\n        with open(os.path.join(folder, 'codaserve-@TOKEN@'), 'w') as file: file.write('@TOKEN@')\n        left.append(folder)\n    except OSError: pass\nheld('left ' + str(left))"
)
FIND = (
    REPORT
    + FOLDERS
    + "found = []\nfor folder in folders:\n    for root, names, files in os.walk(folder):\n        if 'codaserve-@TOKEN@' in files:\n            found.append(root)\n            try: os.unlink(os.path.join(root, 'codaserve-@TOKEN@'))\n            except OSError: pass\n        if root.count('/') > 3: names.clear()\nbreach(f'what another run left lies in {found}') if found else held('nothing there')"
)
# What is left lies in one folder, and is taken away where it is found.
LEFT = (
    REPORT
    + "try:\n    os.mkdir('doctor-left')\n    os.chdir('doctor-left')\nexcept OSError as error: held(code(error.errno))\n"
)
EMPTY = (
    REPORT
    + "import shutil\nif not os.path.lexists('doctor-left'): held('empty')\nfor root, names, files in os.walk('doctor-left'):\n    for name in names: os.chmod(os.path.join(root, name), 0o700, follow_symlinks=not os.path.islink(os.path.join(root, name)))\n    if len(root) > 3000: break\ntry: shutil.rmtree('doctor-left', ignore_errors=True)\nexcept RecursionError: pass\nbreach('what an earlier run left is there')"
)
HEAP = (
    REPORT
    + "import gc, json\nsecret = '@TOKEN@-left'\nkept = [secret * 100, {secret: secret}]\njson.secret = secret\nheld('kept it')"
)
SEARCH = (
    REPORT
    + "import gc, json\nwanted = '-'.join(['@TOKEN@', 'left'])\nif hasattr(json, 'secret'): breach('a module still has what an earlier run put there')\ndef theirs(value): return type(value) is str and wanted in value and value is not wanted\nfor value in gc.get_objects():\n    if type(value) in (list, tuple) and any(map(theirs, value[:1000])): breach('found in memory')\n    if type(value) is dict and any(map(theirs, list(value.values())[:1000])): breach('found in memory')\nheld('nothing there')"
)
# What is looked for never stands in one piece in the program that looks; mincore tells which pages are mapped.
RAW = (
    CALL
    + """\
import gc
libc.sbrk.restype = ctypes.c_void_p
token, plus, word = b"@TOKEN@", ord("+"), b"left"
vector = ctypes.create_string_buffer(1)
def mapped(page): return libc.mincore(ctypes.c_void_p(page << 12), ctypes.c_size_t(4096), vector) == 0
last = libc.sbrk(0) >> 12
pages = {id(value) >> 12 for value in gc.get_objects()}
while last > 0 and len(pages) < 40000 and mapped(last - 1):
    last -= 1
    pages.add(last)
for page in pages:
    if not mapped(page): continue
    data = ctypes.string_at(page << 12, 4096)
    place = data.find(token)
    while place >= 0:
        after = place + len(token)
        if data[after:after + 1] == bytes([plus]) and data[after + 1:after + 5] == word: breach("memory of an earlier run")
        place = data.find(token, place + 1)
held(f"searched {len(pages)} pages")
"""
)
POISON = (
    REPORT
    + "import builtins, json, os, random, re, string\nbuiltins.print = lambda *a, **k: None\nbuiltins.len = lambda v: 7\nbuiltins.codaserve_poison = '@TOKEN@'\njson.loads = lambda *a: '@TOKEN@'\nos.environ['CODASERVE_POISON'] = '@TOKEN@'\nrandom.seed('@TOKEN@')\nstring.digits = '@TOKEN@'\nre._cache = {}\nheld('poisoned')"
)
CLEAN = (
    REPORT
    + "import builtins, json, string\nif hasattr(builtins, 'codaserve_poison') or len([1]) != 1: breach('builtins are poisoned')\nif json.loads('1') != 1 or string.digits != '0123456789': breach('modules are poisoned')\nif 'CODASERVE_POISON' in os.environ: breach('the environment is poisoned')\nheld('clean')"
)
SHARED_MEMORY = (
    CALL
    + "got, number = syscall(29, 194, 0x0C0DA, 4096, 0o1666)\nif got == -1: held(code(number))\nlibc.shmat.restype = ctypes.c_void_p\nplace = libc.shmat(got, None, 0)\n"
)
QUEUE = CALL + "path = ctypes.create_string_buffer(b'/codaserve-doctor')\n"
PROCESSES = (
    REPORT
    + SCAN
    + "wanted = b'@TOKEN@'\nfor pid in pids():\n    for name in ('cmdline', 'environ', 'maps', 'stat', 'fd', 'cwd/codaserve-@TOKEN@', 'root/tmp/codaserve-@TOKEN@', 'fd/0', 'fd/1', 'fd/3', 'fd/4'):\n        path = f'/proc/{pid}/{name}'\n        try:\n            if name == 'fd': found = str(os.listdir(path)).encode(); continue\n            found = open(path, 'rb').read(65536)\n        except OSError: continue\n        if wanted in found: breach(f'{path} shows another run')\nheld('no other run to be seen')"
)
WAITING = (
    REPORT
    + FOLDERS
    + "import time\ntry: open('codaserve-@TOKEN@', 'w').write('@TOKEN@')\nexcept OSError: pass\nsecret = '@TOKEN@'\ntime.sleep(1.5)\nheld('waited')"
)
LOCKS = (
    REPORT
    + "import fcntl, time\nfiles = []\nfor path in (os.__file__, '/dev/null', '/dev/zero', '/usr', '/bin/sh', '/'):\n    for flags in (os.O_RDWR, os.O_RDONLY):\n        try: files.append((path, os.open(path, flags)))\n        except OSError: pass\n"
)
LOCK = (
    LOCKS
    + "for path, file in files:\n    for lock, how in ((fcntl.flock, fcntl.LOCK_EX), (fcntl.lockf, fcntl.LOCK_EX), (fcntl.lockf, fcntl.LOCK_SH)):\n        try: lock(file, how | fcntl.LOCK_NB)\n        except OSError: pass\ntime.sleep(1.5)\nheld('waited')"
)
LOCKED = (
    LOCKS
    + "import struct\nfor path, file in files:\n    try: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n    except BlockingIOError: breach('a lock of another run on ' + path)\n    except OSError: pass\n    try: found = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))\n    except OSError: continue\n    if struct.unpack('hhqqi4x', found)[0] != fcntl.F_UNLCK: breach('a lock of another run on ' + path)\nheld('saw none')"
)


def _pair(name: str, tries: str, first: str, second: str, *layers: str, together: bool = False) -> Attack:
    return Attack(GROUP, name, tries, first, then=second, together=together, ends=WRONG, layers=layers)


ATTACKS = (
    _pair("files", "leave files in every folder that can be written", LEAVE, FIND, *WIPED),
    _pair("hidden folders", "leave folders that cannot be entered", LEFT + "try:\n    os.makedirs('a/b')\n    os.chmod('a/b', 0)\n    os.chmod('a', 0)\nexcept OSError as error: held(code(error.errno))\nheld('left')", EMPTY, *WIPED),
    _pair("deep folders", "leave 1,500 folders in each other", LEFT + "try:\n    for _ in range(1500):\n        os.mkdir('d'); os.chdir('d')\nexcept OSError as error: held(code(error.errno))\nheld('left')", EMPTY, *WIPED),
    _pair("links against the cleaner", "leave links that lead a cleaner elsewhere", LEFT + "for name, target in (('usr', '/usr'), ('up', '..'), ('loop', 'loop'), ('root', '/')):\n    try: os.symlink(target, name)\n    except OSError: pass\nheld('left')", REPORT + "if not os.path.isdir('/usr/lib'): breach('the cleaner followed a link')\n" + EMPTY.removeprefix(REPORT), *WIPED),
    _pair("many files against the cleaner", "leave as many files as may be made", LEFT + "try:\n    for i in range(20000): os.close(os.open(f'n{i}', os.O_CREAT | os.O_WRONLY))\nexcept OSError: pass\nheld('left')", EMPTY, *WIPED),
    _pair("a full folder", "leave the scratch space full", LEFT + "try:\n    for i in range(600):\n        with open(f'full{i}', 'wb', buffering=0) as file: file.write(bytes(1 << 20))\nexcept OSError: pass\nheld('left')", REPORT + "import shutil\nif os.path.lexists('doctor-left'):\n    shutil.rmtree('doctor-left', ignore_errors=True)\n    breach('what an earlier run left is there')\ntry:\n    with open('mine', 'wb', buffering=0) as file: file.write(bytes(4096))\n    os.unlink('mine')\nexcept OSError as error:\n    if error.errno in (errno.ENOSPC, errno.EDQUOT): breach('an earlier run holds the space')\n    held(code(error.errno))\nheld('there is room')", *WIPED),
    _pair("shared memory files", "leave a file where shared memory lies", REPORT + "from multiprocessing import shared_memory as s\ntry: m = s.SharedMemory(name='codaserve-doctor', create=True, size=64)\nexcept (OSError, ImportError) as error: held(type(error).__name__)\nos.write(1, b'HELD left\\n'); os._exit(0)", REPORT + "from multiprocessing import shared_memory as s\ntry: m = s.SharedMemory(name='codaserve-doctor')\nexcept (OSError, ImportError) as error: held(type(error).__name__)\nm.unlink(); breach('the memory of an earlier run is there')", "mount_namespace", "landlock"),
    _pair("System V memory", "leave a segment of shared memory", SHARED_MEMORY + "ctypes.memmove(place, b'@TOKEN@', 16)\nheld('left')", SHARED_MEMORY + "found = ctypes.string_at(place, 16)\nsyscall(31, 195, got, 0, 0)\nbreach('the memory of an earlier run is there') if found == b'@TOKEN@'[:16] else held('another one')", "seccomp", "ipc_namespace"),
    _pair("message queue", "leave a message in a queue", QUEUE + "got, number = syscall(240, 180, path, 0o102 | 0o4000, 0o666, 0)\nif got == -1: held(code(number))\nheld('left')", QUEUE + "got, number = syscall(240, 180, path, 0, 0, 0)\nif got == -1: held(code(number))\nsyscall(241, 181, path)\nbreach('the queue of an earlier run is there')", "seccomp", "ipc_namespace"),
    _pair("semaphores", "leave a set of semaphores", CALL + "got, number = syscall(64, 190, 0x0C0DB, 1, 0o1666)\nheld('left' if got != -1 else code(number))", CALL + "got, number = syscall(64, 190, 0x0C0DB, 0, 0)\nif got == -1: held(code(number))\nsyscall(66, 191, got, 0, 0, 0)\nbreach('the semaphores of an earlier run are there')", "seccomp", "ipc_namespace"),
    _pair("keys", "leave a key in the kernel's key ring", CALL + "got, number = syscall(248, 217, ctypes.create_string_buffer(b'user'), ctypes.create_string_buffer(b'codaserve-doctor'), ctypes.create_string_buffer(b'x'), 1, -4)\nheld('left' if got != -1 else code(number))", CALL + "got, number = syscall(250, 219, 10, -4, ctypes.create_string_buffer(b'user'), ctypes.create_string_buffer(b'codaserve-doctor'), 0)\nif got == -1: held(code(number))\nsyscall(250, 219, 9, got, -4)\nbreach('the key of an earlier run is there')", "seccomp"),
    _pair("poisoned modules", "change builtins, modules and the environment", POISON, CLEAN, "own process"),
    _pair("objects", "keep a secret that another run looks for among its objects", HEAP, SEARCH, "own process"),
    _pair("raw memory", "keep a secret that another run looks for in raw memory", REPORT + "kept = [b'@TOKEN@+left' + bytes(i * 8) for i in range(500)]\nheld('kept it')", RAW, "own process"),
    _pair("umask and folder", "change what children inherit", REPORT + "os.umask(0o777)\nos.chdir('/')\nimport resource, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))\nheld('changed')", REPORT + "import resource, signal\nif os.umask(0) == 0o777: breach('umask stayed')\nif resource.getrlimit(resource.RLIMIT_NOFILE)[1] == 8: breach('limits stayed')\nif signal.getsignal(signal.SIGTERM) == signal.SIG_IGN: breach('signal handlers stayed')\nheld('as new')", "own process"),
    _pair("abstract socket", "leave a socket with a name", REPORT + "import socket, time\ntry:\n    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n    s.bind('\\0codaserve-doctor-run')\n    time.sleep(1.5)\nexcept OSError as error: held(code(error.errno))\nheld('listened')", REPORT + "import socket, time\ndef reach():\n    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n    for _ in range(20):\n        if s.connect_ex('\\0codaserve-doctor-run') == 0: break\n        time.sleep(0.05)\n    s.connect('\\0codaserve-doctor-run')\n    return 'reached another run'\nattempt(reach)", "seccomp", "landlock", "network_namespace", together=True),
    _pair("other runs in /proc", "look at the processes of a run that goes on", WAITING, PROCESSES, "mount_namespace", "landlock", "pid_namespace", together=True),
    _pair("locks", "look for locks of a run that goes on, in files that all can read", LOCK, LOCKED, "seccomp", together=True),
    _pair("other runs' files", "look for the files of a run that goes on", WAITING, FIND, "mount_namespace", "landlock", together=True),
)  # fmt: skip
