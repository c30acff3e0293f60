"""Constants of integration."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize("answer", ["x^2+2x+c", "K+x^2+2x", "x(x+2)+C_1"])
def test_other_names(answer: str) -> None:
    assert judged("x^2+2x+C", answer) == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("x^2+C", "x^2+a"),
        ("x^2+C", "x^2+2c"),
        ("x^2+C", "x^2"),
        ("A+B+C", "A+B+c"),
        ("x^2+c", "x^2+C"),
        ("x^2+C", "y^2+c"),
    ],
)
def test_other_things(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
