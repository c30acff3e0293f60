import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.code.compare import values_match
from scorer.code.unordered import items_match
from scorer.sandbox.guest.codec import Opaque

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, math.nan, 1e300, 10**30])
    | st.text("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
    max_leaves=6,
)


@given(st.lists(values, max_size=6), st.integers())
def test_order_is_nothing(expected: list[Any], seed: int) -> None:
    got = random.Random(seed).sample(expected, len(expected))
    assert items_match(got, expected, 0.0) and items_match(tuple(got), expected, 0.0)
    assert not items_match([*got, 1], expected, 0.0)


@given(values, values)
def test_single_items_match_as_values_do(got: Any, expected: Any) -> None:
    assert items_match([got], [expected], 0.0) == values_match(got, expected, 0.0)


@given(st.lists(st.floats(-10, 10)), st.lists(st.floats(-10, 10)), st.floats(1e-6, 1))
def test_with_a_tolerance_numbers_are_paired_by_size(got: list[float], expected: list[float], tolerance: float) -> None:
    pairs = zip(sorted(got), sorted(expected), strict=False)
    near = len(got) == len(expected) and all(values_match(a, b, tolerance) for a, b in pairs)
    assert items_match(got, expected, tolerance) == near


@pytest.mark.parametrize(
    ("got", "expected", "tolerance", "match"),
    [
        ([1, True], [True, 1], 0.0, True), ([1, 1], [1, 2], 0.0, False), ([1, 1.0], [1, 1], 0.0, True),
        ([[1, 2]], [[2, 1]], 0.0, False), ([(1, 2), 3], [3, [1, 2]], 0.0, True), ("ab", ["a", "b"], 0.0, False),
        ([b"a"], ["a"], 0.0, False), ([Opaque("set", [1])], [[1]], 0.0, False),
        ([math.nan, 1], [1, math.nan], 0.0, True),
        ([0.3, "a", None, 0.1 + 0.2], [None, 0.3, 0.3, "a"], 1e-9, True), ([0.3, "b"], ["a", 0.3], 1e-9, False),
        ([2, 1], [1, 3], 5.0, False), ([math.inf, 1.0], [1, math.inf], 0.1, True), ([1.0, "x"], [1.0, 2.0], 0.5, False),
        ([10**400, 0.5], [0.5, 10**400], 0.1, True), ([10**400], [1.5], 0.1, False),
    ],
)  # fmt: skip
def test_items(got: Any, expected: list[Any], tolerance: float, match: bool) -> None:
    assert items_match(got, expected, tolerance) == match


def test_numbers_that_collide_when_hashed_and_large_ones_are_as_any_other() -> None:
    collisions = [index * (2**61 - 1) for index in range(100_000)]
    assert items_match(collisions[::-1], collisions, 0.0)
    assert items_match([(number,) for number in collisions], [[number] for number in collisions[::-1]], 0.0)
    assert not items_match([1 << 8_000_000, 1e308], [1e308, 1 << 8_000_001], 0.0)
