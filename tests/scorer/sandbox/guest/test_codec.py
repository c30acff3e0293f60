import math
from collections import Counter, OrderedDict, namedtuple
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.sandbox.guest import codec

SIZE = 1 << 20
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def same(a: Any, b: Any) -> bool:
    """Equality that tells 1 from True and from 1.0, at every depth."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return bool(a == b)


@given(plain)
def test_plain_data_crosses_with_its_types(value: Any) -> None:
    assert same(codec.decode(codec.encode(value, SIZE)), value)


@pytest.mark.parametrize(
    "value",
    [2**20000, -(2**63), "\ud800", math.inf, -0.0, 1j, "\x00"],
    ids=["huge", "negative", "surrogate", "infinity", "zero", "complex", "nul"],
)
def test_unusual_plain_data_crosses(value: Any) -> None:
    assert same(codec.decode(codec.encode(value, SIZE)), value)


def test_nan_crosses() -> None:
    assert math.isnan(codec.decode(codec.encode(math.nan, SIZE)))


POINT = namedtuple("POINT", "x")


class Equal(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("value", "crossed"),
    [
        (Equal(3), 3),
        ([[Equal()]], [[0]]),
        ({"k": Equal(2)}, {"k": 2}),
        (OrderedDict(a=Equal()), {"a": 0}),
        (POINT(Equal(1)), (1,)),
        (iter([Equal(1)]), [1]),
        (type("T", (Counter,), {})("aa"), {"a": 2}),
    ],
)
def test_what_derives_from_a_built_in_class_crosses_as_what_it_holds(value: Any, crossed: Any) -> None:
    assert same(codec.decode(codec.encode(value, SIZE)), crossed)


@pytest.mark.parametrize(
    "value",
    [object(), print, Equal, [[print]], {"k": print}, OrderedDict(a=print), POINT(print), iter([print])],
)
def test_objects_are_refused(value: Any) -> None:
    with pytest.raises(codec.NotPlainError, match="is not plain data"):
        codec.encode(value, SIZE)


def test_what_is_too_deep_too_large_or_too_many_is_refused() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(codec.NotPlainError, match="deep"):
        codec.encode(deep, SIZE)
    with pytest.raises(codec.NotPlainError, match="too large"):
        codec.encode("x" * SIZE, SIZE)
    with pytest.raises(codec.NotPlainError, match="items"):
        codec.encode([None] * (codec.MOST_ITEMS + 1), SIZE)


def test_sets_and_dictionaries_with_other_keys_arrive_as_nothing_that_json_knows() -> None:
    for value, kind in (({1, 2}, "set"), (frozenset({1}), "frozenset"), ({1: 2}, "dict")):
        got = codec.decode(codec.encode(value, SIZE))
        assert isinstance(got, codec.Opaque) and got.kind == kind


def test_numbers_with_colliding_hashes_cost_the_reader_no_more_than_others() -> None:
    keys = {index * (2**61 - 1): None for index in range(1, 40)}
    got = codec.decode(codec.encode(keys, SIZE))
    assert isinstance(got, codec.Opaque) and len(got.items) == 78


@given(st.binary(max_size=64), plain)
def test_cut_or_changed_bytes_are_a_value_or_refused(noise: bytes, value: Any) -> None:
    encoded = codec.encode(value, SIZE)
    for data in (noise, encoded[: len(noise)], noise + encoded):
        try:
            codec.decode(data)
        except codec.NotPlainError as error:
            assert str(error)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"?",
        b"L\xff\xff\xff\xff",
        b"S\x04\x00\x00\x00ab",
        b"NN",
        b"S\x01\x00\x00\x00\xff",
        b"L\x01\x00\x00\x00" * 200,
    ],
)
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(codec.NotPlainError):
        codec.decode(data)
