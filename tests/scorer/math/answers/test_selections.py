"""Numbers of selections that are written like points."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("120", "C(10,3)"),
        (r"\binom{10}{3}", "C(10,3)"),
        ("P(5,2)", "20"),
        ("C(n,2)", "n(n-1)/2"),
        ("C(n+1,2)", "n(n+1)/2"),
        ("(10,3)", "C(10,3)"),
    ],
)
def test_same(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer"), [("121", "C(10,3)"), ("3", "C(3,10)"), ("20", "C(5,2)"), ("10", "A(5,2)")])
def test_others(gold: str, answer: str) -> None:
    assert judged(gold, answer) != "equal"
