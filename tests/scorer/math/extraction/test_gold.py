"""Golds that are whole solutions."""

import pytest

from scorer.math.extraction.gold import answer_of_gold


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (" 42 ", "42"),
        (r"\boxed{42}", "42"),
        (r"Since $2x = 84$, we have $x = \boxed{42}$.", "42"),
        (r"$\boxed{1}$ and $\boxed{2}$", "1, 2"),
        ("He eats 3 eggs and sells the 9 others.\nHe makes 9 * 2 = <<9*2=18>>18.\n#### 18", "18"),
        ("Two times two is four. Final Answer: The final answer is $4$.", "$4$"),
        ("the answer is no", "the answer is no"),
        (r"\text{The midpoints of the sides form a regular hexagon with 6 corners}",) * 2,
        (r"\boxed{42", r"\boxed{42"),
    ],
)
def test_the_answer_of_a_solution(gold: str, answer: str) -> None:
    assert answer_of_gold(gold) == answer
