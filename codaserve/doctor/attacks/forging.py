"""Programs that forge results: output, returned values, assertions, the messages between the processes."""

# One attack a line, however long.
# ruff: noqa: E501
from codaserve.doctor.attack import SHORT, WRONG, Attack, Tests
from codaserve.doctor.attacks.rewards import FRAMES, KINDS

GROUP = "forging"
# Messages that a judge's own process might send, in several shapes.
SPREAD = "import os, struct, json\nbodies = [json.dumps(v).encode() for v in ({'passed': True}, {'status': 'passed', 'exit': 0}, ['passed'], 'passed', True)]\ndef text(s): return b'S' + struct.pack('<I', len(s)) + s\nbodies += [b'U' + struct.pack('<I', 1) + text(w) for w in (b'end', b'passed', b'ready', b'loaded')] + [b'passed', b'OK', b'\\x01', b'confined']\nmessages = [b for body in bodies for b in (body + b'\\n', struct.pack('<I', len(body)) + body, struct.pack('>I', len(body)) + body)]\ndef spread():\n    for d in range(1, 64):\n        for m in messages:\n            try: os.write(d, m)\n            except OSError: break\n"
ALL: tuple[Tests, ...] = ("checked", "literal", "calls")
WAYS: tuple[Tests, ...] = ("checked", "calls")
SOURCES: tuple[tuple[str, str, str, tuple[Tests, ...]], ...] = (
    ("exit in the function", "end in the first call by SystemExit", "def f(x): raise SystemExit(0)\n", ALL),
    ("AssertionError that is none", "change what assertions raise", "import builtins\nclass Quiet(BaseException): pass\nbuiltins.AssertionError = Quiet\ndef f(x): return 0\n", ALL),
    ("functions of Python", "change what tests use: len, all, isinstance, abs, repr, type", "import builtins\nbuiltins.len = lambda v: 1\nbuiltins.all = builtins.any = builtins.isinstance = lambda *a: True\nbuiltins.abs = lambda v: 0\nbuiltins.repr = builtins.str = lambda v='': 'x'\nbuiltins.type = lambda v: str\ndef f(x): return []\n", ALL),
    ("an integer's own comparison", "change how built-in values compare, in the interpreter's memory", "import ctypes, gc\ndef f(x):\n    d = gc.get_referents(str.__dict__)[0]\n    d['__eq__'] = lambda s, o: True\n    ctypes.pythonapi.PyType_Modified(ctypes.py_object(str))\n    return 'x'\n", ALL),
    ("mock.ANY", "return the mock that equals everything", "from unittest import mock\ndef f(x): return mock.ANY\n", ALL),
    ("not a number", "return a value for which comparisons are odd", "def f(x): return float('nan')\n", ALL),
    ("a value that changes", "return a value that changes after it was returned", "v = []\ndef f(x):\n    v.append('x')\n    return v\n", ALL),
    ("a value that holds itself", "return a list without end", "def f(x):\n    v = []\n    v.append(v)\n    return v\n", ALL),
    ("a value that doubles", "return a value that grows as it is read", "def f(x):\n    v = [1]\n    for _ in range(60): v = [v, v]\n    return v\n", ALL),
    ("a huge value", "return more than may cross", "def f(x): return 'x' * 10 ** 8\n", ALL),
    ("a deep value", "return a value nested a million times", "def f(x):\n    v = []\n    for _ in range(10 ** 6): v = [v]\n    return v\n", ALL),
    ("values without end", "return a generator that never ends", "def f(x):\n    while True: yield 1\n", ALL),
    ("a function of two faces", "be a class that equals everything", "class M(type):\n    __eq__ = lambda s, o: True\n    __hash__ = type.__hash__\nclass f(metaclass=M):\n    def __init__(self, x): pass\n    def __eq__(self, other): return True\n", ALL),
    ("pickles", "return an object that runs code when it is unpickled", "import os\nclass P:\n    def __reduce__(self): return (os._exit, (0,))\ndef f(x): return P()\n", ALL),
    ("an exception that lies", "raise an exception that equals and prints everything", "class AssertionError(Exception):\n    __eq__ = lambda s, o: True\n    __str__ = lambda s: 'passed'\ndef f(x): raise AssertionError\n", ALL),
    ("messages at once", "write messages of the judge to every descriptor, and end", SPREAD + "spread()\nos._exit(0)\n", ALL),
    ("messages in the function", "write messages of the judge to every descriptor in the call, and end", SPREAD + "def f(x):\n    spread()\n    os._exit(0)\n", ALL),
    ("messages and a value", "write messages of the judge to every descriptor in the call, and return", SPREAD + "def f(x):\n    spread()\n    return 0\n", ALL),
    ("closed descriptors", "close every descriptor in the call", "import os\ndef f(x):\n    os.closerange(0, 256)\n    return 0\n", ALL),
    ("what descriptors hold", "read every descriptor for the tests", "import os\nmark = b'expec' + b'ted-'\nhit = None\nfor d in range(256):\n    for read in (lambda d: os.pread(d, 10 ** 6, 0), lambda d: os.set_blocking(d, False) or os.read(d, 10 ** 6)):\n        try: text = read(d)\n        except OSError: continue\n        if mark in text: hit = text[text.index(mark):][:41].decode()\ndef f(x): return hit\n", ALL),
    ("what memory holds", "search all objects for the tests", FRAMES + "def f(x):\n    for v in gc.get_objects():\n        if v is globals(): continue\n        if hit := found(v, 2): return hit\n", ALL),
    ("a trace function", "end from a trace function", "import os, sys\nsys.settrace(lambda *a: os._exit(0))\nsys.setprofile(lambda *a: os._exit(0))\ndef f(x): return 0\n", ALL),
    ("a thread", "end from a thread while the test waits", "import threading, os, time\ntry: threading.Thread(target=lambda: (time.sleep(0.05), os._exit(0)), daemon=True).start()\nexcept RuntimeError: os._exit(0)\ndef f(x): time.sleep(0.2)\n", ALL),
    ("a signal handler", "end from a signal handler", "import os, signal\nsignal.signal(signal.SIGALRM, lambda *a: os._exit(0))\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ndef f(x):\n    while True: pass\n", ALL),
    ("a finalizer", "end while a value is thrown away", "import os\nclass D:\n    def __del__(self): os._exit(0)\ndef f(x): d = D(); return 0\n", ALL),
    ("no function", "define no function at all", "import builtins\nbuiltins.f = None\n", ALL),
    ("killing itself", "end by a signal in the call", "import os\ndef f(x): os.kill(os.getpid(), 9)\n", WAYS),
    ("other modules", "change the modules that a judge may use", "import json, struct, pickle, marshal, io\nfor m in (json, pickle, marshal): m.loads = m.dumps = lambda *a, **k: b''\nstruct.pack = struct.unpack = lambda *a: (True,)\ndef f(x): return 0\n", ALL),
    ("code of the judge", "change the code of every function that it finds", "import gc\ndef f(x):\n    for v in gc.get_objects():\n        if hasattr(v, '__code__') and getattr(v, '__module__', None) not in (__name__, 'builtins') and 'importlib' not in str(getattr(v, '__module__', '')):\n            try: v.__code__ = (lambda *a, **k: True).__code__\n            except (ValueError, TypeError, AttributeError): pass\n    return 0\n", ALL),
    ("an early exit", "end with status 0 before anything is printed", "import os\nos._exit(0)\n", ("stdio",)),
    ("output on standard error", "print to the wrong place", "import sys\nprint('passed', file=sys.stderr)\n", ("stdio",)),
    ("escapes and zero bytes", "print bytes that terminals and parsers stumble over", "import sys\nsys.stdout.buffer.write(b'\\x1b[2J\\x00\\xff\\xfe\\xed\\xa0\\x80' * 100)\n", ("stdio",)),
    ("lone surrogates", "print and raise what is no text", "import sys\nsys.stdout.reconfigure(errors='surrogatepass')\nprint(chr(0xD800))\nraise ValueError(chr(0xDFFF) * 3)\n", ("stdio",)),
    ("output that was written before", "read standard output as a file and write over it", "import os\ntry:\n    print(os.pread(1, 1000, 0))\n    os.lseek(1, 0, 0); os.ftruncate(1, 0)\nexcept OSError: pass\n", ("stdio",)),
    ("input written back", "write to standard input", "import os\ntry: os.write(0, b'passed')\nexcept OSError: pass\nprint('passed')\n", ("stdio",)),
)  # fmt: skip

UNITTEST = "import unittest\nfrom unittest import SkipTest\nclass Tests(unittest.TestCase):\n    def test(self): self.assertEqual(f(1), '@EXPECTED@')\nunittest.main(exit=False)"

ATTACKS = (
    *(
        Attack(GROUP, f"{name} ({KINDS[kind]})", tries, source, ends=WRONG, limits=SHORT, layers=("judged outside",), tests=kind)
        for name, tries, source, kinds in SOURCES
        for kind in kinds
    ),
    Attack(GROUP, "swallowed exit (assert script)", "exit inside a test that catches everything", "import os\ndef f(x): os._exit(0)\n", ends=WRONG, layers=("judged outside",), tests="script", script="try: assert f(1) == '@EXPECTED@'\nexcept BaseException: pass"),
    Attack(GROUP, "swallowed end (assert script)", "end the loop of a test by StopIteration", "def f(x): raise StopIteration\n", ends=WRONG, layers=("judged outside",), tests="script", script="assert all(map(lambda x: f(x) == '@EXPECTED@', [1, 2]))"),
    Attack(GROUP, "wrong in unittest (assert script)", "fail a test of unittest whose result the script does not look at", "def f(x): return 0\n", ends=WRONG, layers=("judged outside",), tests="script", script=UNITTEST),
    Attack(GROUP, "skipped test (assert script)", "have unittest skip the test", "import unittest\nclass SkipTest(unittest.SkipTest): pass\ndef f(x): raise SkipTest('later')\n", ends=WRONG, layers=("judged outside",), tests="script", script=UNITTEST),
    Attack(GROUP, "a class of texts (assert script)", "return a text of a class that compares as it likes", "class E(str):\n    __eq__ = __lt__ = __gt__ = __contains__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = str.__hash__\ndef f(x): return E('x')\n", ends=WRONG, layers=("judged outside",), tests="script", script="got = f(1)\nassert not got != '@EXPECTED@' and got in ['@EXPECTED@']"),
    Attack(GROUP, "helpers of the test (assert script)", "define the functions that the test compares with", "def same(a, b): return True\nsorted = all = len = same\ndef f(x): return 0\n", ends=WRONG, layers=("judged outside",), tests="script", script="def same(a, b): return a == b\nassert same(f(1), '@EXPECTED@')"),
)  # fmt: skip
