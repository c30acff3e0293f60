"""Boxes: which one counts, what belongs to it, and which ones are one list."""

import pytest

from scorer.math.extraction.boxed import boxed, without_cut_box


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"so \boxed{42}.", "42"),
        (r"\boxed{5} wait, actually \boxed{6}", "6"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\fbox{42}", "42"),
        (r"\framebox{42}", "42"),
        (r"\boxed 5 is it", "5"),
        (r"$\boxed5$", "5"),
        (r"\boxed \frac{1}{2} is it", r"\frac{1}{2}"),
        (r"\boxed{ 7 } and then \boxed{}", "7"),
        (r"\boxed{\boxed{3}}", "3"),
        ("\\[\n\\boxed{\n42\n}\n\\]", "42"),
        (r"\\boxed{\\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\text{The answer is } 42}", "42"),
        (r"\boxed{\text{The answer is 42}}", "42"),
        (r"\boxed{Answer: 42}", "42"),
        (r"\boxed{\text{Answer}}", r"\text{Answer}"),
    ],
)
def test_the_last_box_that_is_not_empty(response: str, answer: str) -> None:
    found = boxed(response)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"\boxed{1} and \boxed{2}", "1, 2"),
        (r"$\boxed{1}$, $\boxed{2}$, or $\boxed{3}$", "1, 2, 3"),
        (r"$x = \boxed{2}$ or $x = \boxed{3}$", "2, 3"),
        (r"\boxed{2} \quad \text{and} \quad \boxed{3}", "2, 3"),
        (r"\(\boxed{2}\) and \(\boxed{3}\)", "2, 3"),
        (r"x=\boxed{1}, y=\boxed{2}", "x=1, y=2"),
        (r"\boxed{3} apples and \boxed{4} pears", "3, 4"),
        (r"\boxed{1}\boxed{2}", "1, 2"),
        (r"\boxed{4}, so again \boxed{4}", "4"),
        (r"\boxed{5}, \boxed{5}", "5"),
        (r"\boxed{1} \boxed{2}", "2"),
        (r"\boxed{1} is the first; later we find \boxed{2}", "2"),
        (r"\boxed{1} is wrong and \boxed{2}", "2"),
        (r"(a) \boxed{1} (b) \boxed{2}", "2"),
        (r"\boxed{1} no no no no no \boxed{2}", "2"),
    ],
)
def test_boxes_are_one_list_when_they_are_joined(response: str, answer: str) -> None:
    found = boxed(response)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"x = -\boxed{5}", "-5"),
        (r"$-\boxed{\frac{1}{2}}$", r"-\frac{1}{2}"),
        (r"$-\boxed{x+1}$", "-(x+1)"),
        (r"x = \pm\boxed{5}", r"\pm 5"),
        (r"- \boxed{5}", "5"),
        (r"the sum, -\frac{3}{2} - \boxed{2}", "2"),
        (r"3-\boxed{2}", "2"),
        (r"$2\boxed{5}$", "2(5)"),
        (r"$\boxed{5}^2$", "5^2"),
        (r"$\boxed{x+1}^2$", "(x+1)^2"),
        (r"$\boxed{5}!$", "5!"),
        (r"It is \boxed{5}!", "5"),
        (r"$\boxed{5}\times 10^3$", r"5\times 10^3"),
        (r"$\boxed{3}\sqrt{2}$", r"3\sqrt{2}"),
        (r"$\boxed{50}\%$", r"50\%"),
        (r"$\boxed{40}^\circ$", r"40^\circ"),
        (r"$\boxed{4}^{\text{th}}$", "4"),
        (r"$\boxed{5}\text{ cm}$", r"5\text{ cm}"),
        (r"$\boxed{30} \text{ cm}^2$", r"30 \text{ cm}^2"),
        (r"$\boxed{5} = x$", "5"),
        (r"\boxed{4} \times 3 = 12", "4"),
    ],
)
def test_what_touches_a_box_belongs_to_it(response: str, answer: str) -> None:
    found = boxed(response)
    assert found is not None
    assert found.text == answer


def test_a_cut_box_is_not_read() -> None:
    assert boxed(r"so \boxed{42") is None
    assert without_cut_box(r"It is 7, so \boxed{42") == "It is 7, so "
    assert without_cut_box(r"\boxed{42}") == r"\boxed{42}"


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"\boxed{\frac{\boxed{5}}{6}}", r"\frac{5}{6}"),
        (r"\boxed{\boxed{5} + 1}", "5 + 1"),
        (r"\boxed{x = \boxed{5}}", "x = 5"),
        (r"\boxed{\boxed{2}, \boxed{3}}", "2, 3"),
        (r"\boxed{\text{The answer is }\boxed{5}}", "5"),
        (r"\boxed{So we get $\boxed{5}$}", "5"),
        (r"\boxed{\boxed{\boxed{5}}}", "5"),
        (r"\boxed{not \boxed{5}}", "not 5"),
        (r"\boxed{\boxed{5}\text{ cm}}", r"5\text{ cm}"),
        (r"\boxed{\text{at least }\boxed{5}}", r"\text{at least }5"),
    ],
)
def test_of_nested_boxes_the_inner_one_is_the_answer_only_when_the_outer_one_has_nothing_else(
    response: str, answer: str
) -> None:
    found = boxed(response)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"$x < \boxed{5}$", "x < 5"),
        (r"x \neq \boxed{5}", r"x \neq 5"),
        (r"so $y\geq\boxed{4}$", "4"),
        (r"=> \boxed{5}", "5"),
        (r"<b>\boxed{5}</b>", "5"),
        (r"> \boxed{5}", "5"),
        (r"\boxed{5}.5", "5.5"),
        (r"$\sqrt{\boxed{5}}$", r"\sqrt{5}"),
        (r"It is \boxed{5}. 5 apples", "5"),
        (r"The answer is \boxed{6}, not \boxed{5}.", "6"),
    ],
)
def test_what_stands_beside_a_box_may_change_what_it_says(response: str, answer: str) -> None:
    found = boxed(response)
    assert found is not None
    assert found.text == answer


def test_a_denied_box_is_no_answer() -> None:
    assert boxed(r"The answer is not \boxed{5}") is None
