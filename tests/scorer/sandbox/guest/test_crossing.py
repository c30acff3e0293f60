import math
import re
import struct
from array import array
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.sandbox.guest import codec, crossing
from scorer.sandbox.guest.codec import NotPlainError, Opaque

SIZE = 1 << 22
keys = st.integers() | st.text() | st.tuples(st.booleans(), st.binary()) | st.frozensets(st.integers())
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False) | keys,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner) | st.sets(keys),
    max_leaves=20,
)


def crossed(value: Any) -> Any:
    writer = crossing.Writer(SIZE, known=[])
    writer.write(value)
    return crossing.Reader(writer.finish()).read_only()


def outside(value: Any) -> Any:
    writer = crossing.Writer(SIZE)
    writer.write(value)
    return crossing.OutsideReader(writer.finish()).read_only()


@given(values)
def test_values_arrive_equal_and_of_their_type(value: Any) -> None:
    got = crossed(value)
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        int, type(None), KeyError, map,
        Counter("abca"), OrderedDict(b=1, a=2), defaultdict(list, {1: [2]}), deque([1, 2], 5),
        range(1, 9, 3), bytearray(b"xy"), Decimal("1.50"), Fraction(1, 3), date(2024, 2, 29),
        datetime(2024, 2, 29, 1, 2, 3, 4), time(1, 2), timedelta(1, 2, 3), {1: 2}.items(), {1: 2}.keys(),
        [2**200, 1], (1.5, math.inf), [True, 1], slice(1, None), ..., NotImplemented, re.compile("a+", re.IGNORECASE),
        datetime(2024, 1, 1, tzinfo=UTC), time(1, 2, tzinfo=timezone(timedelta(hours=-3))), UUID(int=7),
        PurePosixPath("a/b"), array("d", [1.5]), memoryview(b"xy"),
    ],
)  # fmt: skip
def test_further_kinds_of_the_standard_library_cross(value: Any) -> None:
    got = crossed(value)
    assert got == value and type(got) is type(value)
    assert list(crossed({1: 2}.values())) == [2]
    assert crossed(defaultdict(list))["new"] == []


def test_nan_and_negative_zero_cross() -> None:
    got = crossed([math.nan, -0.0])
    assert math.isnan(got[0]) and math.copysign(1, got[1]) == -1


def test_named_tuples_keep_their_names() -> None:
    point = namedtuple("point", "x y")
    got = crossed(point(1, [2]))
    assert got == (1, [2]) and got.y == [2] and type(got).__bases__ == (tuple,)
    assert type(crossed(point(3, 4))) is type(got)


class Equal(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (Equal(3), 3), (Text("a"), "a"), (type("L", (list,), {})([Equal(1)]), [1]), ({Equal(): Text()}, {0: ""}),
        (type("T", (Counter,), {})("a"), {"a": 1}), (type("N", (namedtuple("N", "x"),), {})(1), (1,)),
    ],
)  # fmt: skip
def test_without_ties_what_derives_from_a_built_in_class_crosses_as_what_it_holds(value: Any, content: Any) -> None:
    found = crossed(value)
    assert found == content and type(found) is type(content)


@pytest.mark.parametrize(
    "value",
    [
        object(), print, ValueError(1), lambda: 1, Equal, [[print]], {print: 1}, type("L", (list,), {})([print]),
    ],
)  # fmt: skip
def test_objects_are_refused(value: Any) -> None:
    with pytest.raises(NotPlainError, match="is not plain data"):
        crossed(value)


def test_what_is_endless_too_deep_or_too_large_is_refused() -> None:
    with pytest.raises(NotPlainError, match="too many items"):
        crossed([0] * (codec.MOST_ITEMS + 1))
    with pytest.raises(NotPlainError, match="too large"):
        crossed("x" * SIZE)
    deep: list[Any] = []
    for _ in range(codec.DEEPEST + 1):
        deep = [deep]
    with pytest.raises(NotPlainError, match="deep"):
        crossed(deep)


def test_equal_objects_stay_one_object() -> None:
    row = [0]
    cyclic: list[Any] = [row, row, {"row": row}, Counter("a")]
    cyclic += [cyclic, cyclic[3], bytearray(b"x")]
    got = crossed(cyclic)
    assert got[0] is got[1] is got[2]["row"] and got[4] is got and got[3] is got[5] and got[0] == [0]


def test_changes_of_known_objects_are_carried_back() -> None:
    """As a call does: arguments go over, are changed there, and their contents come back."""
    inner: list[Any] = [1, 2]
    given: dict[str, Any] = {"x": 1}
    ours: list[Any] = [[inner, inner], given, {3}, deque([1]), bytearray(b"a")]
    there = crossing.Writer(SIZE, known=[])
    there.write(tuple(ours))
    reader = crossing.Reader(b"".join(there.parts))
    theirs = reader.read_only()
    assert len(reader.objects) == len(there.objects)
    theirs[0][0].append(theirs[1])
    theirs[0].reverse()
    theirs[1]["y"] = [5, "new"]
    theirs[2].add(4)
    theirs[3].appendleft(0)
    theirs[4].extend(b"b")
    back = crossing.Writer(SIZE, known=reader.objects)
    for value in reader.objects:
        back.write_content(value)
    back.write(theirs[1])
    answer = crossing.Reader(b"".join(back.parts), known=there.objects)
    contents = [answer.read_content(value) for value in there.objects]
    returned = answer.read_next()
    answer.finish()
    for value, content in zip(there.objects, contents, strict=True):
        crossing.update(value, content)
    assert ours == [[inner, inner], given, {3, 4}, deque([0, 1]), bytearray(b"ab")]
    assert inner == [1, 2, {"x": 1, "y": [5, "new"]}] and inner[2] is given and ours[0][0] is inner
    assert returned is given


def test_content_of_another_type_changes_nothing() -> None:
    value = [1]
    crossing.update(value, (2,))
    crossing.update(value, {2})
    assert value == [1]


def test_outside_nothing_is_hashed_and_unknown_kinds_are_opaque() -> None:
    assert outside(Counter("aa")) == {"a": 2} and outside(defaultdict(int, a=1)) == {"a": 1}
    assert outside([1, 2]) == [1, 2] and outside((1.5,)) == (1.5,) and outside(bytearray(b"x")) == b"x"
    for value, kind in (
        ({1}, "set"),
        ({1: 2}, "dict"),
        (deque(), "deque"),
        (range(3), "range"),
        (iter([]), "iterator"),
    ):
        got = outside(value)
        assert isinstance(got, Opaque) and got.kind == kind
    shared = crossing.Writer(SIZE, known=[])
    row: list[int] = []
    shared.write([row, row])
    with pytest.raises(NotPlainError):
        crossing.OutsideReader(b"".join(shared.parts)).read_only()


def named(name: str, parts: bytes) -> bytes:
    return b"X" + struct.pack("<I", len(name)) + name.encode("latin-1") + parts


ONE, ZERO = b"I\x01\x00\x00\x00\x01", b"I\x01\x00\x00\x00\x00"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"?", b"R\x00\x00\x00\x00", b"R\xff\xff\xff\xff", b"pq\x01\x00\x00\x00x", b"Pz\x00\x00\x00\x00",
        b"pu\x04\x00\x00\x00\xff\xff\xff\xff", b"E\x01\x00\x00\x00L\x00\x00\x00\x00",
        b"M\x01\x00\x00\x00M\x00\x00\x00\x00N", b"L\xff\xff\xff\xff", b"L\x01\x00\x00\x00" * 200,
        named("range", b"N"), named("range", b"U\x03\x00\x00\x00NNN"), named("deque", b"N"), named("print", b"N"),
        named("Fraction", b"U\x02\x00\x00\x00" + ONE + ZERO), named("\xff", b"N"), named("lent", ONE),
        named("Decimal", b"U\x01\x00\x00\x00S\x01\x00\x00\x00x"), named("type", b"S\x01\x00\x00\x00x"),
    ],
)  # fmt: skip
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(NotPlainError):
        crossing.Reader(data).read_only()


@given(st.binary(max_size=64), values)
def test_cut_or_changed_bytes_are_a_value_or_refused(noise: bytes, value: Any) -> None:
    writer = crossing.Writer(SIZE, known=[])
    writer.write(value)
    encoded = writer.finish()
    for data in (noise, encoded[: len(noise)], noise + encoded, encoded[:5] + noise + encoded[6:]):
        for reader in (crossing.Reader(data), crossing.OutsideReader(data)):
            try:
                reader.read_only()
            except NotPlainError as error:
                assert str(error)


class Lender:
    """Lends everything, and gives handles that are texts."""

    def __init__(self, *classes: type) -> None:
        self.classes = {kind.__name__: kind for kind in classes}
        self.lent: list[Any] = []

    def lend(self, value: Any) -> tuple[str, Any]:
        self.lent.append(value)
        return "lent", len(self.lent) - 1

    def restore(self, name: str, parts: Any) -> str:
        return f"{name} {parts}"


def test_objects_that_cannot_cross_can_be_lent() -> None:
    ties = Lender()
    writer = crossing.Writer(SIZE, known=[], ties=ties)
    writer.write([print, Equal(3)])
    assert crossing.Reader(writer.finish(), ties=ties).read_only() == ["lent 0", "lent 1"]
    assert ties.lent[0] is print and type(ties.lent[1]) is Equal


class Node:
    kind = "node"

    def __init__(self, value: Any, following: Any = None) -> None:
        self.value = value
        self.following = following

    def method(self) -> bool:
        return True


def tied(value: Any) -> Any:
    writer = crossing.Writer(SIZE, known=[], ties=Lender(Node))
    writer.write(value)
    return crossing.Reader(writer.finish(), ties=Lender(Node)).read_only()


def test_instances_of_shared_classes_cross_however_long_their_chain_is() -> None:
    chain = last = Node(0)
    for number in range(1, 5000):
        chain = Node(number, chain)
    last.following = chain
    got = tied([chain, chain])
    assert got[0] is got[1] and type(got[0]) is Node
    step: Any = got[0]
    seen: list[int] = []
    while not seen or step is not got[0]:
        seen.append(step.value)
        step = step.following
    assert seen == list(range(4999, -1, -1))


@pytest.mark.parametrize("name", ["method", "__class__", "__dict__"])
def test_attributes_cannot_take_the_place_of_methods(name: str) -> None:
    hostile = Node(1)
    hostile.__dict__[name] = 3
    with pytest.raises(NotPlainError, match="attributes"):
        tied(hostile)
    honest = Node(1)
    honest.kind = "leaf"
    assert tied(honest).kind == "leaf"
