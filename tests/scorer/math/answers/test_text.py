"""Words beside mathematics."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize(("gold", "answer"), [(r"\sqrt{144}", r"\text{twelve}"), ("ab", r"\text{ab}")])
def test_accepts(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"), [("0", "nan"), ("0", "null"), ("ab", "AB"), ("PV", "Pv"), ("x", r"\text{y}")]
)
def test_refuses(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
