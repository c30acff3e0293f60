"""Rule "vanishing"."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize(("gold", "answer"), [("0", "0 foo"), (r"x \le 0", r"x \le 0 foo"), ("x + 1", "x + 1 + 0y")])
def test_letters_times_zero_are_refused(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"


def test_a_term_of_a_polynomial_may_be_0() -> None:
    assert judged("x^2 + 4", "x^2 + 0x + 4") == "equal"
