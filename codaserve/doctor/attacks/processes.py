"""Programs that start others, and trees of processes that try to stay."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import CRASH, SHORT, TIME, TOKEN, WRONG, Attack
from codaserve.doctor.prelude import CALL, REPORT
from codaserve.v1 import scorer_pb2 as pb

GROUP = "processes"
CALC = ("seccomp", "rlimits")
TREE = ("pid_namespace", "supervision")
FEW = pb.RunLimits(cpu_seconds=1, wall_seconds=12, processes=8)
# Every process of a bomb ends by itself soon: it must not stay where nothing holds it.
BOMB = "import signal, time\nsignal.alarm(20)\nfor _ in range(200):\n    try: pid = os.fork()\n    except OSError as error: held(code(error.errno))\n    if pid == 0:\n        time.sleep(15); os._exit(0)\nbreach('has 200 processes')"
SHELL = REPORT + "import subprocess\n"


def _tree(name: str, tries: str, source: str) -> Attack:
    return Attack(GROUP, name, tries, REPORT + source, ends=WRONG, layers=TREE, profile=pb.PROFILE_PROC, limits=FEW)


ATTACKS = (
    Attack(GROUP, "fork", "start a process where it may not", REPORT + "try: pid = os.fork()\nexcept OSError as error: held(code(error.errno))\nif pid == 0: os._exit(0)\nbreach('forked')", layers=CALC),
    Attack(GROUP, "fork bomb", "start processes until it is refused, 200 at most", REPORT + BOMB, limits=SHORT, layers=CALC),
    Attack(GROUP, "vfork", "start a process by another system call", CALL + "got, number = syscall(58, None)\nif got == 0: os._exit(0)\nrefused((got, number))", layers=CALC),
    Attack(GROUP, "clone", "start a process by clone", CALL + "got, number = syscall(56, 220, 17, 0, 0, 0, 0)\nif got == 0: os._exit(0)\nrefused((got, number))", layers=CALC),
    Attack(GROUP, "clone that shares memory", "start something between process and thread", CALL + "got, number = syscall(56, 220, 0x8000 | 17, 0, 0, 0, 0)\nif got == 0: os._exit(0)\nrefused((got, number))", layers=CALC),
    Attack(GROUP, "forkpty", "start a process on a terminal of its own", REPORT + "import pty\ntry: pid, _ = pty.fork()\nexcept OSError as error: held(code(error.errno))\nif pid == 0: os._exit(0)\nbreach('forked')", layers=CALC),
    Attack(GROUP, "posix_spawn", "start a program by posix_spawn", REPORT + "attempt(lambda: os.posix_spawn('/bin/true', ['true'], {}))", layers=CALC),
    Attack(GROUP, "subprocess", "start a shell", SHELL + "attempt(lambda: subprocess.run(['/bin/sh', '-c', 'true']).returncode)", layers=CALC),
    Attack(GROUP, "os.system", "start a shell through the C library", REPORT + "status = os.system('exit 42')\nif os.waitstatus_to_exitcode(status) == 42 if status >= 0 else False: breach('a shell ran')\nheld('no shell')", layers=CALC),
    Attack(GROUP, "exec", "become another program", REPORT + "attempt(lambda: os.execv('/bin/echo', ['echo', 'BREACH', 'became', 'another', 'program']))", layers=CALC),
    Attack(GROUP, "exec by the loader", "become another program through the dynamic loader", REPORT + "loaders = [l for l in ('/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1') if os.path.exists(l)]\nattempt(*[lambda l=l: os.execv(l, [l, '/bin/echo', 'BREACH', 'became', 'another', 'program']) for l in loaders])", layers=CALC),
    Attack(GROUP, "multiprocessing", "start a process from the standard library", REPORT + "import multiprocessing as m\ndef start():\n    p = m.get_context('fork').Process(target=os._exit, args=(0,)); p.start(); return p.pid\nattempt(start)", layers=CALC),
    Attack(GROUP, "daemon", "leave a process behind", REPORT + "try: pid = os.fork()\nexcept OSError as error: held(code(error.errno))\nif pid == 0:\n    os.setsid()\n    import time; time.sleep(5); os._exit(0)\nbreach('left a process')", layers=CALC),
    Attack(GROUP, "surviving its parent", "undo the wish to end with the service", CALL + "refused(syscall(157, 167, 1, 0, 0, 0, 0))", layers=("seccomp",)),
    Attack(GROUP, "new session", "leave its session", REPORT + "attempt(os.setsid)", layers=("seccomp",)),
    _tree("tree: fork bomb", "start processes until it is refused, 200 at most", BOMB),
    _tree("tree: fork bomb that goes on", "start processes again and again", "import signal\nr, w = os.pipe()\nos.write(w, bytes(200))\nos.set_blocking(r, False)\nwhile True:\n    signal.alarm(15)\n    try: os.read(r, 1)\n    except BlockingIOError: break\n    try: os.fork()\n    except OSError: os.write(w, b'x')\nbreach('has had 200 processes')"),
    _tree("tree: racing forks", "fork and end the parent again and again", "import signal\nfor _ in range(20000):\n    try:\n        if os.fork(): os._exit(0)\n    except OSError: pass\nos._exit(0)"),
    _tree("tree: zombies", "leave ended processes that nobody waits for", "for _ in range(5):\n    if os.fork() == 0: os._exit(0)\nheld('left zombies for the reaper')"),
    _tree("tree: orphans that hold the output", "end while children hold standard output", "import time\nif os.fork() == 0: time.sleep(60)\nos._exit(0)"),
    _tree("tree: stopped children", "leave children that are stopped", "import signal\nimport time\nchild = os.fork()\nif child == 0: os.kill(os.getpid(), signal.SIGSTOP)\nif os.fork() == 0:\n    time.sleep(60)\n    os.kill(child, 9)\nos._exit(0)"),
    _tree("tree: children that ignore signals", "leave children that ignore and block all signals", "import signal, time\nif os.fork() == 0:\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n    os.setsid()\n    time.sleep(60)\nos._exit(0)"),
    _tree("tree: threads and children", "start threads in children until it is refused", "import threading, time\nfor _ in range(4):\n    try: os.fork()\n    except OSError: pass\ncount = 0\ntry:\n    for count in range(200): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()\nexcept (RuntimeError, MemoryError, OSError) as error: held(type(error).__name__)\nbreach('has 200 threads')"),
    _tree("tree: processor time of children", "let children compute", "import signal\nfor _ in range(3):\n    try: os.fork()\n    except OSError: pass\nsignal.alarm(30)\nwhile True: pass"),
    Attack(GROUP, "tree: daemon", "leave a process behind that a later run finds", REPORT + f"import time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        for _ in range(200):\n            try: open(os.path.join(os.environ.get('TMPDIR', '/tmp'), '{TOKEN}'), 'a').write('x')\n            except OSError: pass\n            time.sleep(0.05)\n        os._exit(0)\n    os._exit(0)\nheld('left a process')", then=REPORT + f"import time\ntime.sleep(0.3)\nif os.path.exists(os.path.join(os.environ.get('TMPDIR', '/tmp'), '{TOKEN}')): breach('the process of an earlier run still writes')\nfor name in os.listdir('/proc') if os.access('/proc', os.R_OK) and os.path.isdir('/proc') else ():\n    try:\n        if name.isdigit() and '{TOKEN}'.encode() in open(f'/proc/{{name}}/cmdline', 'rb').read(): breach('the process of an earlier run is there')\n    except OSError: pass\nheld('nothing left')", ends=CRASH | TIME, layers=TREE, profile=pb.PROFILE_PROC, limits=FEW),
)  # fmt: skip
