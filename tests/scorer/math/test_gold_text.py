"""Golds that are whole solutions."""

import pytest

from scorer.math.gold_text import answer_in_prose, answer_of_gold


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"x^2", r"x^2"),
        (r"So $x = \boxed{\frac{1}{2}}$ as wanted.", r"\frac{1}{2}"),
        ("She has 9 * 8 = <<9*8=72>>72 left.\n#### 72", "72"),
        (r"\boxed{1} \text{ and } \boxed{2}", "1, 2"),
        (r"\\boxed{f(n) = 1 \\text{ or } f(n) = -1", r"f(n) = 1 \text{ or } f(n) = -1"),
        (r"So it is \boxed{5", r"So it is \boxed{5"),
    ],
)
def test_marked_answers(gold: str, answer: str) -> None:
    assert answer_of_gold(gold) == answer


def test_solutions_in_prose_and_nothing_else() -> None:
    solution = r"Since $x > 0$ we may divide by it, which leaves $x - 3 = 0$. Therefore the answer is $3$."
    assert answer_in_prose(solution).strip("$.") == "3"
    assert answer_in_prose(r"$\frac{1}{2}$") == ""
    assert answer_in_prose("the set of all real numbers that are greater than two") == ""


def test_what_an_equation_gives_to_something_unreadable() -> None:
    assert answer_in_prose(r"$1 = \zzz = x = 0$") == "0"
    assert answer_in_prose(r"\foo{AB} = \frac{1}{3}") == r"\frac{1}{3}"
    assert answer_in_prose("x = 5") == ""
    assert answer_in_prose(r"\foo{AB} = \bar{x} + y") == ""
