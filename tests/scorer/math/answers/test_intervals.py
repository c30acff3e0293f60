"""Sets of numbers against the membership of many numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.answers.intervals import (
    ALL,
    EMPTY,
    Complement,
    Intersection,
    Interval,
    NotOrdered,
    Region,
    Union,
    has,
    is_empty,
    pieces,
    point,
    same_region,
    text,
)
from scorer.math.syntax.tree import Number, Symbol

LINE = [Number(Fraction(half, 2)) for half in range(-1, 12)]

_ends = st.integers(0, 5).map(lambda end: Number(Fraction(end)))
_intervals = st.builds(Interval, st.none() | _ends, st.none() | _ends, st.booleans(), st.booleans())
_regions = st.recursive(
    _intervals,
    lambda inner: (
        st.builds(Union, st.tuples(inner, inner))
        | st.builds(Intersection, st.tuples(inner, inner))
        | st.builds(Complement, inner)
    ),
    max_leaves=5,
)


@given(_regions, _regions)
def test_same_sets_have_the_same_numbers(first: Region, second: Region) -> None:
    assert same_region(first, second) == all(has(first, number) == has(second, number) for number in LINE)


@given(_regions)
def test_pieces_make_the_set(region: Region) -> None:
    assert same_region(Union(tuple(pieces(region))), region)


@given(_regions)
def test_a_set_and_what_is_not_in_it_have_nothing_in_common(region: Region) -> None:
    assert is_empty(Intersection((region, Complement(region))))
    assert same_region(Union((region, Complement(region))), ALL)


def test_texts() -> None:
    one, two = Number(Fraction(1)), Number(Fraction(2))
    assert text(Interval(None, one, upper_closed=True)) == "(-inf, 1]"
    assert text(Union((point(two), Interval(None, one)))) == "(-inf, 1) U {2}"
    assert text(Union((Interval(one, two), point(one), point(two)))) == "[1, 2]"
    assert text(EMPTY) == "{}"
    assert text(Interval(Symbol("a"), two)) == "(a, 2)"
    assert text(Complement(point(Symbol("a")))) == "(-inf, a) U (a, inf)"
    assert text(Complement(Interval(Symbol("a"), two))) == ""


def test_the_order_of_unknown_ends_is_not_known() -> None:
    with pytest.raises(NotOrdered):
        same_region(Interval(Symbol("a"), Symbol("b")), ALL)
