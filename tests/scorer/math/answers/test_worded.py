"""Sets of real numbers in words."""

import pytest

from scorer.math.answers.intervals import text
from scorer.math.answers.worded import region_in_words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("no solution", "{}"),
        ("There are no real solutions.", "{}"),
        ("all real numbers", "(-inf, inf)"),
        ("the set of all positive real numbers", "(0, inf)"),
        ("Non-negative reals", "[0, inf)"),
        ("all real numbers except 1", "(-inf, 1) U (1, inf)"),
        ("all positive real numbers except 1/2 and 2", "(0, 1/2) U (1/2, 2) U (2, inf)"),
    ],
)
def test_sets(words: str, expected: str) -> None:
    region = region_in_words(words)
    assert region is not None
    assert text(region) == expected


@pytest.mark.parametrize(
    "words", ["even", "all rational real numbers", "real estate", "all real numbers except x", "all " * 99]
)
def test_no_sets(words: str) -> None:
    assert region_in_words(words) is None
