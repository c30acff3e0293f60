"""What the words in front of a value make of it."""

import pytest

from scorer.math.extraction.extract import extract


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("so at least 9", "at least 9"),
        ("So we need at least $9$ coins.", "at least 9"),
        ("The number is at least 9, hence 10.", "10"),
        ("The maximum is 12 when x=7", "12"),
        ("The maximum value is $7$, attained at $x=2$.", "7"),
        ("The maximum is 7 (when x = 2).", "7"),
        ("The maximum occurs at $x=2$.", "x=2"),
        ("The derivative is zero when $x=2$.", "x=2"),
        ("The curve $y=x^2$ has its minimum at $x=0$.", "x=0"),
    ],
)
def test_bounds_and_places_are_no_values(response: str, answer: str) -> None:
    found = extract(response)
    assert found is not None
    assert found.answer == answer
