"""Programs that try to reach a script through what it lends them, or to pass it with objects of their own."""

# One cheat a line, however long.
# ruff: noqa: E501
import resource
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb

Judge = Callable[..., Awaitable[pb.Verdict]]
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("slots_survive")]
SHORT = pb.RunLimits(cpu_seconds=0.5, wall_seconds=1.5)

LENDING = """
expected = 4242
def probe(x):
    hidden = expected
    return x
class Item:
    label = expected
    def __init__(self):
        self.rank, self.parts, self.again = 3, [1], probe
    def ok(self):
        return self.rank == 3 and self.parts == [1]
    def numbers(self):
        secret = expected
        yield 1
        yield secret // secret
item = Item()
for _ in range(2):
    assert f(probe, item, (n for n in [1, 2, 3])) == expected
assert item.ok()
"""
HONEST = "def f(g, item, numbers): return 4242 if (g(1), item.rank, item.again(2), list(numbers), list(item.numbers())) == (1, 3, 2, [1, 2, 3], [1, 1]) else 0"

# The bytes of the protocol, made by hand.
FORGE = """
import os, struct
def text(s): return b"S" + struct.pack("<I", len(s)) + s.encode()
def integer(i): return b"I" + struct.pack("<I", 3) + i.to_bytes(3, "little")
def tup(*items): return b"U" + struct.pack("<I", len(items)) + b"".join(items)
def standing(name, number): return b"X" + struct.pack("<I", len(name)) + name.encode() + integer(number)
def message(body): return struct.pack("<I", len(body)) + body
def ask(verb, number, *arguments, name="back"):
    os.write(3, message(b"?" + tup(text(verb), standing(name, number), tup(*arguments), tup())))
    return os.read(3, 1 << 16)
def wanted(found): return 4242 if str(42).encode() * 2 in found or (4242).to_bytes(2, "little") in found else 0
"""
WAYS_IN = (
    "__globals__",
    "__code__",
    "__closure__",
    "__dict__",
    "__class__",
    "__self__",
    "__func__",
    "gi_frame",
    "gi_code",
    "f_globals",
    "func_globals",
    "_ask_there",
    "_number_there",
    "__init__",
    "__reduce__",
    "__getattribute__",
    "__module__",
)
SEARCH = f"""
def f(g, item, numbers):
    seen = [g, item, numbers, item.ok, item.again, item.numbers(), type(item), item.parts]
    for _ in range(2):
        for v in list(seen):
            for name in {WAYS_IN!r}:
                try: seen.append(getattr(v, name))
                except Exception: continue
    for v in seen:
        for w in (v, getattr(v, 'expected', 0)):
            if type(w) is dict: w = w.get('expected', 0)
            if w == int('42' * 2): return w
    return 0
"""

CHEATS = {
    "through attributes": SEARCH,
    "a method of the script's object replaced": "def f(g, item, numbers):\n    item.rank = 0\n    item.ok = lambda: True\n    return 4242",
    "an object in place of an attribute": "class E:\n    __eq__ = lambda s, o: True\ndef f(g, item, numbers):\n    item.rank = E()\n    return 4242",
    "an attribute changed in place": "def f(g, item, numbers):\n    item.parts.append(2)\n    return 4242",
    "the class of the script's object": "def f(g, item, numbers):\n    object.__setattr__(item, '__class__', int)\n    return item",
    "a call that never ends": "def f(g, item, numbers):\n    while True: g(1)",
    "calls that go deeper and deeper": "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(g, item, numbers): return f(g, item, g(numbers))",
    "no recursion at all": "import sys\ndef f(g, item, numbers):\n    sys.setrecursionlimit(60)\n    return g(4242) - 1",
    "a finaliser that calls": "import os\nclass D:\n    def __init__(self, g): self.g = g\n    def __del__(self): self.g(1); os._exit(0)\ndef f(g, item, numbers):\n    d = D(g)\n    return 0",
    "a thread that calls": "import threading\ndef f(g, item, numbers):\n    def call():\n        while True: g(1)\n    threading.Thread(target=call, daemon=True).start()\n    return 0",
    "a call after the end": "kept = []\ndef f(g, item, numbers):\n    for k in kept: k(1)\n    kept.append(g)\n    return 0",
    "an argument as large as memory": "def f(g, item, numbers): return g('x' * 10 ** 8)",
    "an argument as deep as memory": "def f(g, item, numbers):\n    v = []\n    for _ in range(10 ** 5): v = [v]\n    return g(v)",
    "an argument equal to all": "class E:\n    __eq__ = lambda s, o: True\ndef f(g, item, numbers): return g(E())",
    "an exception with odd arguments": "class E(Exception):\n    args = property(lambda s: 1 / 0)\n    __str__ = lambda s: 1 / 0\n    __class__ = AssertionError\ndef f(g, item, numbers): raise E(g, item)",
    "a name that is none": "class S(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\n    startswith = lambda *a: False\ndef f(g, item, numbers): return getattr(g, S('__globals__'), {}).get('expected')",
    "forged questions about what was lent": FORGE + f"def f(*a):\n    found = b''\n    for number in range(6):\n        for name in {WAYS_IN!r}: found += ask('get', number, text(name))\n    return wanted(found)",
    "forged operations": FORGE + "def f(*a):\n    found = b''\n    for verb in ('repr', 'str', 'copy', 'deepcopy', 'iter', 'enter', 'items', 'len', 'format', 'reversed', 'getitem', 'eq', 'radd', '__class__', 'rget', 'r'):\n        for number in range(3): found += ask(verb, number) + ask(verb, number, text('expected')) + ask(verb, number, integer(9))\n    return wanted(found)",
    "forged numbers": FORGE + "def f(*a):\n    return wanted(b''.join(ask('call', number, integer(1)) for number in (5, 99, 10 ** 6)))",
    "forged names of what stands for objects": FORGE + "def f(*a): return wanted(ask('call', 0, name='function') + ask('call', 0, name='class') + ask('call', 0, name='member'))",
    "a forged function of Python's": FORGE + "def f(*a):\n    place = b'X' + struct.pack('<I', 8) + b'function' + tup(text('builtins'), text('eval'))\n    os.write(3, message(b'?' + tup(text('call'), place, tup(text('expected')), tup())))\n    return wanted(os.read(3, 65536))",
    "a forged content": FORGE + "def f(*a):\n    ask('content', 1, text('__dict__'), b'M\\0\\0\\0\\0')\n    ask('content', 1, text('rank'), integer(3))\n    return 0",
    "a forged answer in a question's place": FORGE + "def f(*a):\n    os.write(3, message(b'!' + tup(text('returned'), b'F', b'F') + integer(4242)) * 2)\n    return 0",
    "an answer without a sign": FORGE + "def f(*a):\n    os.write(3, message(b''))\n    return 0",
    "questions without end": FORGE + "def f(*a):\n    while True: os.write(3, message(b'?' + tup(text('call'), standing('back', 0), tup(integer(1)), tup())))",
}  # fmt: skip


async def test_what_a_script_lends_can_be_used(judge: Judge) -> None:
    verdict = await judge(source=HONEST, entry_point="f", asserts=pb.AssertTests(script=LENDING))
    assert verdict.correct, verdict


async def test_forged_questions_are_understood(judge: Judge) -> None:
    """Else the cheats above would fail for their form."""
    source = (
        FORGE
        + "def f(*a): return 4242 if b'!=' in ask('get', 1, text('rank')) and b'raised' in ask('get', 1, text('__class__')) else 0"
    )
    verdict = await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=LENDING))
    assert verdict.correct, verdict


@pytest.mark.parametrize("name", CHEATS)
async def test_nothing_leads_from_what_is_lent_to_the_script(judge: Judge, name: str) -> None:
    tests = pb.AssertTests(script=LENDING)
    if "forged answer" in name:
        # Two answers ahead of time: the second call gets the first one's, which is the program's own claim of a value.
        tests = pb.AssertTests(script=LENDING.replace("range(2)", "(1, 2)").replace("== expected", "== expected + _"))
    verdict = await judge(source=CHEATS[name], entry_point="f", asserts=tests, limits=SHORT)
    assert verdict.correct is False and verdict.score == 0 and verdict.reason != pb.REASON_PASSED, verdict


SETUP = """
class Box:
    def __init__(self, held):
        self.held = held
    def __eq__(self, other):
        return type(other) is Box and self.held == other.held
    def same(self, value):
        return self.held == value
def same(a, b):
    return a == b
"""
OBJECTS = (
    "for _ in '1': assert f(1) == Box(4242)\nassert f(1).same(4242) and Box(4242) == f(1) and same(f(1), Box(4242))"
)
WITH_OBJECTS = {
    "another method": "Box.__eq__ = Box.same = lambda s, o: True\ndef f(x): return Box(1)",
    "a method as an attribute": "def f(x):\n    b = Box(1)\n    b.same = lambda v: True\n    return b",
    "hidden attributes": "def f(x):\n    b = Box(1)\n    b.__dict__['__class__'] = b.__dict__['__eq__'] = lambda *a: True\n    return b",
    "a class of the same name": "Old = Box\nclass Box(Old):\n    __eq__ = lambda s, o: True\n    same = __eq__\ndef f(x): return Box(1)",
    "a value that is equal": "class E:\n    __eq__ = lambda s, o: True\n    __bool__ = lambda s: True\ndef f(x): return Box(E())",
    "its own helper": "def same(a, b): return True\ndef f(x): return Box(1)",
    "attributes that are no names": "class S(str):\n    pass\ndef f(x):\n    b = Box(1)\n    b.__dict__[S('held')] = 4242\n    b.__dict__[7] = 8\n    return b",
    "attributes without end": "def f(x):\n    b = Box(1)\n    b.held = b.__dict__\n    return b",
    "a chain as long as memory": "def f(x):\n    b = None\n    while True: b = Box(b)",
}  # fmt: skip


async def test_objects_of_the_setup_are_compared_by_the_setup(judge: Judge) -> None:
    tests = pb.AssertTests(setup=SETUP, script=OBJECTS)
    assert (await judge(source="def f(x): return Box(4242)", entry_point="f", asserts=tests)).correct
    for name, source in WITH_OBJECTS.items():
        verdict = await judge(source=source, entry_point="f", asserts=tests, limits=SHORT)
        assert verdict.correct is False, (name, verdict)


RAISES = "try:\n    withdraw(-5)\n    assert False, 'must raise'\nexcept Poor:\n    pass\n"
WITH = "with f() as b:\n    assert b.v == 42\n"
SUPPRESSES = "class F:\n    def __init__(s): s.v = 0\n    def __enter__(s): return s\n    def __exit__(s, *a): return True\ndef f(): return F()"
CACHED = "import functools\nclass P:\n    def __init__(s, x): s.x = x\n    @functools.cached_property\n    def ok(s): return s.x == 42\n"
CLOSE = "assert math.isclose(vol(10), 4188.79, rel_tol=0.001)"
# Script, setup, the cheat, and what is right.
SWALLOWED: dict[str, tuple[str, str, str, str]] = {
    "a context manager that suppresses": (WITH, "", SUPPRESSES, SUPPRESSES.replace("s.v = 0", "s.v = 42")),
    "a context manager that raises another": (f"try:\n    {WITH.replace(chr(10), chr(10) + '    ')}\nexcept ValueError: pass", "", SUPPRESSES.replace("return True", "raise ValueError"), SUPPRESSES.replace("s.v = 0", "s.v = 42")),
    "a context manager on a stack": ("import contextlib\nwith contextlib.ExitStack() as s:\n    assert s.enter_context(f()).v == 42", "", SUPPRESSES, SUPPRESSES.replace("s.v = 0", "s.v = 42")),
    "a context manager of a generator": ("with f() as b:\n    assert b == 42", "", "from contextlib import contextmanager\n@contextmanager\ndef f():\n    try: yield 0\n    except BaseException: pass", "from contextlib import contextmanager\n@contextmanager\ndef f(): yield 42"),
    "a tuple of exceptions": (RAISES, "", "Poor = (AssertionError,)\ndef withdraw(x): pass", "class Poor(Exception): pass\ndef withdraw(x): raise Poor"),
    "every exception": (RAISES, "", "Poor = [BaseException]\nPoor = tuple(Poor)\ndef withdraw(x): pass", "Poor = (ValueError, KeyError)\ndef withdraw(x): raise KeyError"),
    "an attribute that is an exception": (RAISES.replace("Poor", "Bank.Poor"), "", "class Bank: Poor = AssertionError\ndef withdraw(x): pass", "class Bank: Poor = ValueError\ndef withdraw(x): raise ValueError"),
    "a class in a module's place": (CLOSE, "", "class math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef vol(r): return 0", "import math\ndef vol(r): return 4188.79"),
    "a function in a module's place": (CLOSE, "", "def math(): pass\nmath.isclose = lambda *a, **k: True\ndef vol(r): return 0", "import math\ndef vol(r): return 4188.79"),
    "a named tuple in a module's place": (CLOSE, "", "from collections import namedtuple\nmath = namedtuple('math', 'isclose')(lambda *a, **k: True)\ndef vol(r): return 0", "import math\ndef vol(r): return 4188.79"),
    "a copy that is none": ("x = [3, 1]\ny = copy.deepcopy(x)\nassert srt(y) == sorted(x)", "", "class copy: deepcopy = staticmethod(lambda x: [])\ndef srt(r): return r", "import copy\ndef srt(r): return sorted(r)"),
    "a cached property": ("assert f(3).ok", CACHED, "def f(x):\n    p = P(x)\n    p.__dict__['ok'] = True\n    return p", "def f(x):\n    p = P(42)\n    p.ok\n    return p"),
    "a function named as a module": ("assert statistics([1, 2]) == 1.5", "", "def statistics(x): return 1", "def statistics(x): return sum(x) / len(x)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SWALLOWED)
async def test_what_a_program_gives_does_not_swallow_an_assertion(judge: Judge, name: str) -> None:
    script, setup, cheat, right = SWALLOWED[name]
    tests = pb.AssertTests(setup=setup, script=script)
    verdict = await judge(source=cheat, asserts=tests)
    assert verdict.correct is False, verdict
    verdict = await judge(source=right, asserts=tests)
    assert verdict.correct, verdict


VALUES = "v = f(1)\nassert v == [4242] or list(v) == [4242] or sum(v) == 4242"
CLAIMS = {
    "items that are equal to all": "class E:\n    __eq__ = lambda s, o: True\n    __radd__ = __add__ = lambda s, o: s\ndef f(x): yield E()",
    "items without end": "def f(x):\n    while True: yield 1",
    "an iterator that takes back": "class I:\n    __iter__ = lambda s: s\n    __next__ = lambda s: 1\n    __eq__ = lambda s, o: True\ndef f(x): return I()",
    "a named tuple with a method as a field": "from collections import namedtuple\nclass T(tuple):\n    _fields = ('__eq__',)\n    __eq__ = lambda s, o: True\ndef f(x): return T([1])",
    "a type that claims to be an array": "import sys\nclass ndarray(list):\n    __module__ = 'numpy'\n    __eq__ = lambda s, o: True\n    dtype = type('d', (), {'char': 'l', 'itemsize': 8, 'str': '<i8'})\n    shape = (1,)\n    tobytes = lambda s: bytes(8)\nsys.modules['numpy'] = type('numpy', (), {'ndarray': ndarray})\ndef f(x): return ndarray()",
    "keys of colliding hashes": "def f(x): return {i * (2 ** 61 - 1): 1 for i in range(1, 40000)}",
    "an aliased value that doubles": "def f(x):\n    v = [4242]\n    for _ in range(60): v = [v, v]\n    return v",
    "a number that is too long to write": "def f(x): return [10 ** 10 ** 6]",
    "a million keys": "def f(x): return dict.fromkeys(range(10 ** 6 + 1), 'x')",
    "a million aliased texts": "def f(x): return ['x' * 10 ** 4] * 10 ** 6",
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
async def test_values_are_what_they_are_and_bounded(judge: Judge, name: str) -> None:
    verdict = await judge(source=CLAIMS[name], entry_point="f", asserts=pb.AssertTests(script=VALUES), limits=SHORT)
    assert verdict.correct is False, verdict


ABUSES = {
    "a million keys": "def f(): return {i: i for i in range(10 ** 6)}",
    "aliases that double": "def f():\n    v = 'x' * 1000\n    for _ in range(40): v = [v, v]\n    return v",
    "a value that holds itself": "def f():\n    v = {}\n    v['v'] = [v]\n    return v",
    "a number of ten million digits": "def f(): return 1 << 33_000_000",
    "a number that is too long to show": "def f(): return 1 << 1_000_000",
    "many texts that are one": "def f(): return ['x' * 10 ** 5] * 10 ** 5",
    "an endless generator": "def f():\n    while True: yield 1",
    "keys of colliding hashes": "def f(): return {i * (2 ** 61 - 1): 1 for i in range(1, 20000)}",
}


@pytest.mark.parametrize("name", ABUSES)
@pytest.mark.parametrize("kind", ["calls", "literals"])
async def test_values_do_not_burden_the_service(judge: Judge, name: str, kind: str) -> None:
    """The service's own memory stays what it was, give or take some messages."""
    tests: dict[str, dict[str, Any]] = {
        "calls": {"calls": pb.CallTests(cases=[pb.CallCase(expected="[1]")])},
        "literals": {"asserts": pb.AssertTests(script="assert f() == [1]")},
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    verdict = await judge(source=ABUSES[name], entry_point="f", limits=SHORT, **tests[kind])
    assert verdict.correct is False and len(verdict.detail) <= 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 << 10
