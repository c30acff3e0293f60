"""Programs that use more than they may: time, memory, output, descriptors, stack."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import BRIEF, CRASH, FORBIDDEN, MEMORY, OUTPUT, SHORT, TIME, WRONG, Attack, Reasons
from codaserve.doctor.prelude import CALL, REPORT
from codaserve.v1 import scorer_pb2 as pb

GROUP = "resources"
CLOCK, SPACE, FLOOD = ("rlimits", "supervision"), ("rlimits", "cgroups"), ("supervision", "rlimits")


def _bomb(name: str, tries: str, source: str, ends: Reasons, layers: tuple[str, ...]) -> Attack:
    return Attack(GROUP, name, tries, source, ends=ends, layers=layers, limits=SHORT)


def _wait(name: str, tries: str, source: str) -> Attack:
    return Attack(GROUP, name, tries, source, ends=TIME, layers=("supervision",), limits=BRIEF)


ATTACKS = (
    _bomb("endless loop", "compute for ever", "while True: pass", TIME, CLOCK),
    _bomb("endless loop in C", "compute for ever without returning to the interpreter", "sum(range(10 ** 15))", TIME, CLOCK),
    _bomb("endless power", "one huge multiplication", "x = 7 ** (10 ** 10)", TIME | MEMORY, CLOCK),
    _bomb("huge number as text", "print a number of a hundred million digits", "import sys\nsys.set_int_max_str_digits(0)\nprint(1 << 3 * 10 ** 8)", TIME | MEMORY | OUTPUT, CLOCK),
    _bomb("huge number as text at default", "print a number of thousands of digits", "print(10 ** 5000)", CRASH, ("Python",)),
    _bomb("backtracking", "a regular expression that backtracks for ever", "import re\nre.match('(a+)+$', 'a' * 64 + 'b')", TIME, CLOCK),
    _wait("sleep", "wait for ever", "import time\ntime.sleep(10 ** 6)"),
    _wait("reading for ever", "wait for a descriptor that never speaks", "import os\nr, w = os.pipe()\nos.read(r, 1)"),
    _wait("dead lock", "wait for a lock that it holds itself", "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
    _bomb("import lock", "compute while being imported and at exit", "import atexit\natexit.register(lambda: [0 for _ in iter(int, 1)])", TIME | MEMORY, CLOCK),
    _bomb("memory at once", "allocate 100 gigabytes", "x = bytearray(10 ** 11)", MEMORY, SPACE),
    Attack(GROUP, "memory bit by bit", "allocate until it is refused, 16 gigabytes at most", "x = []\nfor _ in range(1600): x.append(bytearray(10 ** 7))\nprint('BREACH holds 16 gigabytes')", ends=MEMORY | TIME, layers=SPACE, limits=pb.RunLimits(cpu_seconds=10, wall_seconds=20)),
    _bomb("memory of small objects", "allocate small objects until it is refused", "x = []\nwhile True: x = [x, [x]] * 1000", MEMORY | TIME, SPACE),
    _bomb("shared memory map", "map 100 gigabytes that are shared", "import mmap\nx = mmap.mmap(-1, 10 ** 11)\nfor i in range(0, 4 * 10 ** 9, 4096): x[i] = 1\nprint('BREACH wrote 4 gigabytes')", MEMORY | CRASH, SPACE),
    Attack(GROUP, "memory files", "keep memory in files that no limit of address space counts", CALL + "kept = []\nblock = b'x' * (1 << 20)\ntotal = 0\nmet = 'nothing'\ntry:\n    for _ in range(64):\n        descriptor = os.memfd_create('x')\n        kept.append(descriptor)\n        for _ in range(64):\n            total += os.write(descriptor, block)\n            if total > 3 << 30: breach('holds 3 gigabytes in memory files')\nexcept OSError as error: met = code(error.errno)\nheld(f'{met} after {total >> 20} megabytes')", ends=MEMORY | FORBIDDEN, layers=("seccomp", "cgroups", "rlimits")),
    Attack(GROUP, "locked memory", "lock pages so that they cannot be swapped", REPORT + "import ctypes\nl = ctypes.CDLL(None, use_errno=True)\nif l.mlockall(3) == 0: breach('locked all of its memory')\nheld(code(ctypes.get_errno()))", layers=("seccomp", "rlimits")),
    _bomb("flood of output", "write to standard output without end", "import os\nwhile True: os.write(1, b'x' * 65536)", OUTPUT, FLOOD),
    _bomb("flood of errors", "write to standard error without end", "import os\nwhile True: os.write(2, b'x' * 65536)", OUTPUT, FLOOD),
    _bomb("flood in small pieces", "write single bytes without end", "import os\nwhile True: os.write(1, b'x'); os.write(2, b'y')", OUTPUT | TIME, FLOOD),
    _bomb("output without an end of line", "write one line that never ends", "import sys\nwhile True: sys.stdout.write('x' * 9999)", OUTPUT, FLOOD),
    _bomb("flood on every descriptor", "write to every descriptor without end", "import os\nwhile True:\n    for d in range(1, 64):\n        try: os.write(d, b'x' * 65536)\n        except OSError: pass", WRONG, FLOOD),
    _bomb("sparse output", "make standard output a terabyte long", "import os\nos.ftruncate(1, 10 ** 12)\nos.lseek(1, 10 ** 12, 0)\nos.write(1, b'x')", CRASH | OUTPUT, FLOOD),
    Attack(GROUP, "all descriptors", "open descriptors until it is refused", REPORT + "kept = []\ntry:\n    for _ in range(10 ** 5): kept.append(os.dup(0))\nexcept OSError as error: held(f'{code(error.errno)} after {len(kept)}')\nbreach('holds 100000 descriptors')", layers=("rlimits",)),
    Attack(GROUP, "full pipes", "keep kernel memory in pipes, each as large as it may be", REPORT + "import fcntl\nkept = 0\nmet = set()\ntry:\n    for _ in range(4096):\n        r, w = os.pipe()\n        os.set_blocking(w, False)\n        try: fcntl.fcntl(w, 1031, 1 << 20)\n        except OSError as error: met.add(code(error.errno))\n        try:\n            while True: kept += os.write(w, bytes(65536))\n        except BlockingIOError: pass\n        if kept > 1 << 29: breach('holds 512 megabytes in pipes')\nexcept OSError as error: met.add(code(error.errno))\nheld(f\"{', '.join(sorted(met))} at {kept >> 20} megabytes\")", ends=FORBIDDEN | MEMORY, layers=("rlimits",)),
    Attack(GROUP, "threads", "start threads until it is refused, 500 at most", REPORT + "import threading, time\ncount = 0\ntry:\n    for count in range(500): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()\nexcept (RuntimeError, MemoryError, OSError) as error: held(f'{type(error).__name__} after {count}')\nbreach('has 500 threads')", ends=FORBIDDEN | MEMORY, layers=("seccomp", "rlimits")),
    _bomb("recursion", "call itself for ever", "def f(): return f()\nf()", CRASH, ("Python",)),
    _bomb("recursion in C", "exhaust the C stack", "import sys\nsys.setrecursionlimit(10 ** 9)\nx = []\nfor _ in range(10 ** 6): x = [x]\nrepr(x)", CRASH | MEMORY | TIME, ("rlimits",)),
    _bomb("recursion with a raised limit", "exhaust the stack from Python", "import sys\nsys.setrecursionlimit(10 ** 9)\nclass A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nA().a", CRASH | MEMORY | TIME, ("rlimits",)),
    _bomb("abort", "end by SIGABRT and leave a core file", "import os\nos.abort()", CRASH, ("rlimits",)),
    _bomb("null pointer", "end by SIGSEGV", "import ctypes\nctypes.string_at(0)", CRASH, ("own process",)),
    _bomb("illegal instruction", "end by SIGILL", "import os, signal\nos.kill(os.getpid(), signal.SIGILL)", CRASH, ("own process",)),
    _bomb("wild pointer", "write over its own interpreter", "import ctypes\nfor i in range(0, 10 ** 6, 8): ctypes.c_long.from_address(id(int) + i).value = -1", CRASH | TIME, ("own process",)),
    _bomb("deep source", "a source that is nested very deeply", "x = " + "(" * 5000 + ")" * 5000, WRONG, ("own process",)),
    _bomb("constant bomb", "a source of which the constants are huge when folded", "x = " + " + ".join(["'a' * 4096"] * 900) + "\ny = 2 ** 99999999 ** 2", WRONG, CLOCK),
    _bomb("compilation bomb", "compile a source that grows", "compile('a, ' * 10 ** 7, 'x', 'exec')\nwhile True: pass", TIME | MEMORY, CLOCK),
    _bomb("long line", "a source of one very long line", "x = [" + "1, " * 100_000 + "]\nwhile True: pass", TIME, CLOCK),
    _bomb("decompression bomb", "unpack a small text to gigabytes", "import zlib, base64\nd = zlib.compressobj(9)\np = b''.join(d.compress(bytes(1 << 20)) for _ in range(64)) + d.flush()\nx = b''\nwhile True: x += zlib.decompress(p)", MEMORY | TIME, SPACE),
    _bomb("colliding hashes", "fill a set of numbers that all collide", "x = {i * (2 ** 61 - 1) for i in range(1, 10 ** 6)}", TIME | MEMORY, CLOCK),
    Attack(GROUP, "raised limits", "raise its own limits", REPORT + "import resource\nactions = []\nfor kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):\n    soft, hard = resource.getrlimit(kind)\n    if hard == resource.RLIM_INFINITY: continue\n    try: resource.setrlimit(kind, (soft, hard + 1))\n    except (ValueError, OSError): continue\n    breach(f'raised limit {kind}')\nheld('refused')", layers=("rlimits",)),
    Attack(GROUP, "priority", "get more of the processor than others", REPORT + "def real(): os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))\nattempt(lambda: os.setpriority(os.PRIO_PROCESS, 0, -20), real)", layers=("seccomp", "dropped_privileges")),
    Attack(GROUP, "input unread", "end without reading a large input", REPORT + "held('did not read')", tests="stdio", layers=("supervision",)),
    _bomb("raised soft limits", "ignore the signals by which limits speak", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nwhile True: pass", TIME, CLOCK),
)  # fmt: skip
