"""Multiples of expressions."""

import pytest

from scorer.math.answers.proportional import proportional
from scorer.math.syntax.parse import parse


@pytest.mark.parametrize(
    ("gold", "answer", "positive", "expected"),
    [
        ("x+y", "2x+2y", True, "equal"),
        ("x+y", "-x-y", False, "equal"),
        ("x+y", "-x-y", True, "different"),
        ("x+y", "x+2y", False, "different"),
        (r"\sqrt2 x + y", r"2x + \sqrt2 y", True, "equal"),
        ("x", "y", False, "different"),
        ("x y - 1", r"y - \frac1x", False, "unknown"),
        ("f(x) + x", "2f(x) + 2x", True, "equal"),
        ("f(x) + x", "f(y) + x", True, "different"),
        ("x - x", "y - y", False, "unknown"),
    ],
)
def test_proportional(gold: str, answer: str, positive: bool, expected: str) -> None:
    assert proportional(parse(gold), parse(answer), positive=positive).value == expected
