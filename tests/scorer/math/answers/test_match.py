"""Matching several things with several things."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.answers.match import MAX_ITEMS, all_of, any_of, as_sets, in_any_order, in_order
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Number, Symbol, TooLarge

EQUAL, DIFFERENT, UNKNOWN = Outcome.EQUAL, Outcome.DIFFERENT, Outcome.UNKNOWN

_numbers = st.lists(st.integers(0, 4), max_size=6)


def same(left: Node, right: Node) -> Outcome:
    """Symbols are not known to be anything."""
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return EQUAL if left == right else UNKNOWN
    return EQUAL if left == right else DIFFERENT


def numbers(values: list[int]) -> list[Node]:
    """As nodes."""
    return [Number(Fraction(value)) for value in values]


@given(_numbers, _numbers)
def test_numbers(first: list[int], second: list[int]) -> None:
    assert (in_order(numbers(first), numbers(second), same) is EQUAL) == (first == second)
    assert (in_any_order(numbers(first), numbers(second), same) is EQUAL) == (sorted(first) == sorted(second))
    assert (as_sets(numbers(first), numbers(second), same) is EQUAL) == (set(first) == set(second))


def test_one_sure_difference_decides() -> None:
    gold: list[Node] = [Symbol("x"), *numbers([1])]
    assert in_order(gold, numbers([2, 2]), same) is DIFFERENT
    assert in_order(gold, numbers([2, 1]), same) is UNKNOWN
    assert in_any_order(gold, numbers([1, 2]), same) is UNKNOWN


def test_outcomes_together() -> None:
    assert all_of([EQUAL, UNKNOWN]) is UNKNOWN
    assert all_of([UNKNOWN, DIFFERENT]) is DIFFERENT
    assert all_of([]) is EQUAL
    assert any_of([DIFFERENT, UNKNOWN]) is UNKNOWN
    assert any_of([UNKNOWN, EQUAL]) is EQUAL
    assert any_of([]) is DIFFERENT


@pytest.mark.parametrize("match", [in_order, in_any_order, as_sets])
def test_too_many(match: "object") -> None:
    assert callable(match)
    with pytest.raises(TooLarge):
        match(numbers([1] * (MAX_ITEMS + 1)), numbers([1]), same)
