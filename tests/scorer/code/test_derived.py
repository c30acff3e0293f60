"""Values whose class derives from a built-in one: they compare as what they hold, whatever their class says."""

# One value a line.
# ruff: noqa: E501
import json

import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.conftest import Judge

HONEST = {
    "text": ("class A(str): pass\ndef f(n): return A('a')", "'a'"),
    "integer": ("class A(int): pass\ndef f(n): return A(3)", "3"),
    "number": ("class A(float): pass\ndef f(n): return A(1.5)", "1.5"),
    "bytes": ("class A(bytes): pass\ndef f(n): return A(b'a')", "b'a'"),
    "list": ("class A(list): pass\ndef f(n): return A([1, A([2])])", "[1, [2]]"),
    "dictionary": ("class A(dict): pass\ndef f(n): return A(a=1)", "{'a': 1}"),
    "tuple": ("class A(tuple): pass\ndef f(n): return A((1, 2))", "(1, 2)"),
    "set": ("class A(set): pass\ndef f(n): return A({1, 2})", "{1, 2}"),
    "frozen set": ("class A(frozenset): pass\ndef f(n): return A({1, 2})", "{1, 2}"),
    "counter": ("from collections import Counter\ndef f(n): return Counter('aab')", "{'a': 2, 'b': 1}"),
    "a class of counters": (
        "from collections import Counter\nclass A(Counter): pass\ndef f(n): return A('aab')",
        "{'a': 2, 'b': 1}",
    ),
    "ordered dictionary": (
        "from collections import OrderedDict\ndef f(n): return OrderedDict(b=1, a=2)",
        "{'a': 2, 'b': 1}",
    ),
    "dictionary with a default": (
        "from collections import defaultdict\ndef f(n):\n    d = defaultdict(list)\n    d['a'].append(1)\n    return d",
        "{'a': [1]}",
    ),
    "named tuple": (
        "from collections import namedtuple\nA = namedtuple('A', 'x y')\ndef f(n): return A(1, 2)",
        "(1, 2)",
    ),
    "typed named tuple": (
        "from typing import NamedTuple\nclass A(NamedTuple):\n    x: int\ndef f(n): return A(1)",
        "(1,)",
    ),
    "enumeration of integers": (
        "from enum import IntEnum\nclass A(IntEnum):\n    ONE = 1\ndef f(n): return A.ONE",
        "1",
    ),
    "enumeration of texts": (
        "from enum import StrEnum\nclass A(StrEnum):\n    ONE = 'a'\ndef f(n): return A.ONE",
        "'a'",
    ),
    "flags": (
        "from enum import IntFlag\nclass A(IntFlag):\n    ONE = 1\n    TWO = 2\ndef f(n): return A.ONE | A.TWO",
        "3",
    ),
    "inside of others": (
        "from enum import IntEnum\nclass A(IntEnum):\n    ONE = 1\nclass B(str): pass\ndef f(n): return [A.ONE, {B('a'): (A.ONE,)}]",
        "[1, {'a': (1,)}]",
    ),
}
WAYS = {
    "literal": "assert f(0) == {}",
    "paired": "x = f(0)\nassert x == {0}\nassert {0} == x\nassert not x != {0} and [x] == [{0}] and x in ({0}, 5)\nassert len([x]) == 1",
    "of the same class": "x = f(0)\nassert {0} == x and isinstance(x, type(list([{0}])[0])) or isinstance(x, frozenset)",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("source", "expected"), HONEST.values(), ids=HONEST)
async def test_they_equal_what_they_hold(judge: Judge, source: str, expected: str, way: str) -> None:
    script = way.replace("{0}", expected).replace("{}", expected)
    verdict = await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=script))
    assert verdict.correct, verdict


@pytest.mark.parametrize(("source", "expected"), HONEST.values(), ids=HONEST)
async def test_calls_take_them_as_what_they_hold(judge: Judge, source: str, expected: str) -> None:
    value = eval(expected)
    tests = pb.CallTests(cases=[pb.CallCase(arguments="[0]", expected=json.dumps(value, default=list))])
    verdict = await judge(source=source, entry_point="f", calls=tests)
    is_none_of_json = isinstance(value, (set, bytes))
    assert verdict.reason == (pb.REASON_WRONG_ANSWER if is_none_of_json else pb.REASON_PASSED), verdict


OPERATORS = "__eq__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = lambda s: 0"
CHEATS = {
    base: f"class A({base}):\n    {OPERATORS}\ndef f(n): return A()"
    for base in ("int", "str", "float", "bytes", "list", "dict", "tuple", "set", "frozenset", "bytearray")
} | {
    "a class that claims to be another": f"class A(int):\n    {OPERATORS}\n    __class__ = property(lambda s: list)\ndef f(n): return A()",
    "a class of classes": f"class M(type):\n    def mro(cls): return [cls, int, object]\n    __eq__ = lambda s, o: True\n    __hash__ = type.__hash__\nclass A(int, metaclass=M):\n    {OPERATORS}\ndef f(n): return A()",
    "numbers that differ each time": "class A(int):\n    made = 0\n    def __int__(self):\n        A.made += 1\n        return A.made\n    __index__ = __int__\ndef f(n): return A(5)",
    "a list that reads what is compared": "import sys\nclass A(list):\n    def __eq__(self, other):\n        self[:] = other\n        return True\n    __iter__ = lambda s: iter([4242])\n    __len__ = lambda s: 1\n    __getitem__ = lambda s, i: 4242\ndef f(n): return A()",
    "operations of its own": "class A(int):\n    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __abs__ = lambda s, *o: 0\n    __eq__ = lambda s, o: True\n    __hash__ = int.__hash__\ndef f(n): return A(1)",
}  # fmt: skip
CHECKS = {
    "literal": "assert f(0) == {}",
    "paired": "x = f(0)\nassert x == {}",
    "other way round": "x = f(0)\nassert {} == x",
    "not unequal": "x = f(0)\nassert not x != {}",
    "inside": "x = f(0)\nassert [x, 1] == [{}, 1]",
    "as a member": "x = f(0)\nassert x in [{}]",
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("expected", ["4242", "[4242]"])
@pytest.mark.parametrize("source", CHEATS.values(), ids=CHEATS)
async def test_what_their_class_calls_equal_does_not_count(
    judge: Judge, source: str, expected: str, check: str
) -> None:
    verdict = await judge(source=source, entry_point="f", asserts=pb.AssertTests(script=check.replace("{}", expected)))
    assert not verdict.correct, verdict


ROBUST = """
from enum import IntEnum
class Colour(IntEnum):
    RED = 1
    BLUE = 2
class Stack(list):
    def push(self, item):
        self.append(item)
        return self
class Vector(tuple):
    def __add__(self, other): return Vector(a + b for a, b in zip(self, other))
class Length(float):
    unit = "m"
def is_mine(value): return isinstance(value, (Colour, Stack, Vector, Length))
"""


@pytest.mark.parametrize(
    "assertion",
    [
        "Colour.RED == 1 and Colour.RED.name == 'RED' and Colour(2).value == 2 and Colour.RED < 2 and 0 < Colour.RED",
        "Colour.BLUE + 1 == 3 and 1 + Colour.BLUE == 3 and Colour.BLUE * 2 == 4 and 2 ** Colour.BLUE == 4",
        "Colour.RED != Colour.BLUE and Colour.RED == Colour(1) and {1: 'a'}[Colour.RED] == 'a'",
        "isinstance(Colour.RED, int) and not isinstance(Colour.RED, str) and is_mine(Colour.RED)",
        "Stack([1]).push(2) == [1, 2] and Stack([1]).push(2)[1] == 2 and is_mine(Stack())",
        "(lambda s: (s == [], s.push(3) == [3], s == [3], len(s) == 1, 3 in s, 4 not in s))(Stack()) == (True,) * 6",
        "Stack([1]) < [2] and [1] + [0] == Stack([1]).push(0) and Stack([1]) + [2] == [1, 2]",
        "Vector((1, 2)) + Vector((3, 4)) == (4, 6) and is_mine(Vector((1, 2)))",
        "abs(Length(1.5) - 1.4999) < 0.01 and Length(2).unit == 'm' and round(Length(1.26), 1) == 1.3",
    ],
)
async def test_they_stay_objects_of_the_program(judge: Judge, assertion: str) -> None:
    script = f"value = {assertion}\nassert value"
    for shared in (True, False):  # the same as in one process
        verdict = await judge(source=ROBUST, asserts=pb.AssertTests(script=script, shared_process=shared))
        assert verdict.correct, (shared, verdict)


async def test_operations_of_their_own_are_not_guessed(judge: Judge) -> None:
    script = "value = Vector((1, 2)) + (3, 4)\nassert value == (1, 2, 3, 4)"
    verdict = await judge(source=ROBUST, asserts=pb.AssertTests(script=script))
    assert verdict.reason == pb.REASON_RUNTIME_ERROR and "TypeError" in verdict.detail, verdict
