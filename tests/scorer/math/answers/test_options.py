"""What a task may ask for."""

import pytest

from scorer.math.judgement import Options
from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize(
    ("gold", "answer", "order_matters", "expected"),
    [
        ("1,2", "2,1", True, "different"),
        ("1,2", "1,2", True, "equal"),
        ("(1,2)", "(2,1)", False, "equal"),
        ("(1,2)", "(2,3)", False, "different"),
        (r"\{1,2\}", r"\{2,1\}", True, "equal"),
        ("1,2", "x=2, y=1", False, "equal"),
    ],
)
def test_order(gold: str, answer: str, order_matters: bool, expected: str) -> None:
    assert judged(gold, answer, Options(order_matters=order_matters)) == expected


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        (r"\frac13", "0.333", "equal"),
        (r"\frac13", "0.34", "different"),
        (r"\frac13", r"x \approx 0.333", "equal"),
        (r"(\frac13, 2)", "(0.333, 2)", "equal"),
        ("x", "1.0001x", "different"),
        (r"\pi", r"3.1416 \text{ cm}", "equal"),
    ],
)
def test_tolerance(gold: str, answer: str, expected: str) -> None:
    assert judged(gold, answer, Options(absolute_tolerance=0.001)) == expected
