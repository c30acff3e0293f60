"""Conditions that are tried at numbers."""

import pytest

from scorer.math.answers.conditions import contradicts
from scorer.math.answers.regions import read
from scorer.math.syntax.parse import parse


@pytest.mark.parametrize(
    ("region", "condition", "expected"),
    [
        ("(-1, 1)", "|x| < 1", False),
        ("(-1, 1)", "|x| > 1", True),
        ("(-1, 1)", r"|x| \le 1", True),
        (r"(-\infty, \infty)", "x^2 > 0", True),
        (r"(-\infty, \infty)", r"x^2 \ge 0", False),
        ("[0, 2]", r"\{x \mid x^2 \le 4\}", True),
        ("[a, b]", r"|x| \le 4", False),
        ("[0, 2]", "x + y < 4", False),
        ("[0, 2]", "5", False),
    ],
)
def test_contradictions(region: str, condition: str, expected: bool) -> None:
    reading = read(parse(region))
    assert reading is not None
    assert contradicts(reading.region, parse(condition)) is expected
