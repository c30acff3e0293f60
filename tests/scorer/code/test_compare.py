import math
from collections import Counter, deque
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.code.compare import UndecidableError, equals_literal, holds, values_match
from scorer.sandbox.guest import crossing
from scorer.sandbox.guest.codec import Opaque

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1.0), (1.0, 1), ((1, 2), [1, 2]), ([(1,), []], [[1], []]), ({"a": (1,)}, {"a": [1]}), (None, None),
        (True, True), ("é", "é"), (math.nan, math.nan), (math.inf, math.inf), (10**400, 10**400),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)  # fmt: skip
def test_equal_values_match(got: Any, expected: Any) -> None:
    assert values_match(got, expected, 0.0)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (True, 1), (1, True), (False, 0), (0, False), (None, False), (0, None), ("1", 1), (1, "1"), (1, 1.5),
        ([1], [1, 2]), ([1, 2], [2, 1]), ({"a": 1}, {"a": 1, "b": 2}), ([], {}), ({}, []), ("", None), (b"a", "a"),
        (1j, 1), (Opaque("set", [1]), [1]), (Opaque("dict", [1, 2]), {"1": 2}), (10**400, 1e300), ([True], [1]),
        (math.nan, 1.0), (math.inf, -math.inf), (2**53 + 1, 2**53),
        (2**53 + 1, float(2**53)), (float(2**53), 2**53 + 1),
    ],
)  # fmt: skip
def test_different_values_do_not_match(got: Any, expected: Any) -> None:
    assert not values_match(got, expected, 0.0)


def test_the_tolerance_is_relative_above_one_and_for_floats_only() -> None:
    assert values_match(1000.5, 1000, 1e-3)
    assert not values_match(1001.5, 1000, 1e-3)
    assert values_match(0.0005, 0.0, 1e-3)
    assert not values_match(1001, 1000, 1e-2)  # two integers are equal or not
    assert values_match([0.1 + 0.2], [0.3], 1e-9)
    assert not values_match(math.inf, 1e308, 1.0)
    assert not values_match(math.nan, 0.0, 1.0)
    assert not values_match(True, 1.0, 1.0)


@given(json_values)
def test_every_value_matches_itself(value: Any) -> None:
    assert values_match(value, value, 0.0)


@given(st.integers(), st.integers(), st.floats(0, 1))
def test_integers_match_only_when_equal(got: int, expected: int, tolerance: float) -> None:
    assert values_match(got, expected, tolerance) == (got == expected)


COLLISIONS = [index * (2**61 - 1) for index in range(1, 2000)]
LITERALS = [
    None, True, False, 0, 1, 2.0, -0.0, 1j, "", "a", b"a", (), (1,), [], [1], [1, "a"], [[1], (1,)], {}, {"a": 1},
    {1: 2}, {1: [1]}, {(1, "a"): {"b": {2}}}, set(), {1}, {1, 2}, {(1, 2)}, {1.0, 3}, {True: 1}, math.inf, 2**70,
]  # fmt: skip


def _outside(value: Any) -> Any:
    writer = crossing.Writer(1 << 20)
    writer.write(value)
    return crossing.OutsideReader(b"".join(writer.parts)).read_only()


def test_literals_are_compared_as_python_compares_them() -> None:
    for got in [*LITERALS, frozenset({1}), bytearray(b"a"), Counter("a"), Counter([1, 1]), math.nan, {frozenset({1})}]:
        for expected in LITERALS:
            assert equals_literal(_outside(got), expected) == (got == expected), (got, expected)
            assert holds(_outside(got), "!=", expected) == (got != expected), (got, expected)
        assert holds(_outside(got), "true", None) == bool(got) != holds(_outside(got), "false", None)
        for constant in (None, True, False):
            assert holds(_outside(got), "is", constant) == (got is constant) != holds(_outside(got), "is not", constant)


def test_nearness_is_strict_or_not() -> None:
    assert holds(1.5, "near or at", (1, 0.5)) and not holds(1.5, "near", (1, 0.5)) and holds(True, "near", (1, 0.5))
    assert not holds(math.nan, "near", (1, 0.5))
    for value in ("1", None, [1], 10**400):
        with pytest.raises(UndecidableError):
            holds(value, "near", (1.5, 0.5))


def test_kinds_that_no_literal_has_are_left_to_python() -> None:
    for value in (deque([1]), range(3), iter([1]), Decimal(1), [Decimal(1)]):
        with pytest.raises(UndecidableError):
            holds(_outside(value), "==", [1])
    with pytest.raises(UndecidableError):
        holds(_outside(deque()), "true", None)


def test_forged_sets_and_dictionaries_equal_nothing_by_repetition() -> None:
    assert not equals_literal(Opaque("set", [1, 1]), {1, 2})
    assert not equals_literal(Opaque("dict", [1, 2, 1, 2]), {1: 2, 2: 2})
    assert not equals_literal(Opaque("set", [Opaque("frozenset", [1]), [1]]), {1, 2})


def test_colliding_numbers_are_not_hashed_into_anything() -> None:
    assert not equals_literal(Opaque("set", COLLISIONS), set(range(len(COLLISIONS))))
    assert not equals_literal(Opaque("dict", COLLISIONS[:-1]), {1: 2})
