"""The order of the places, and text that tries to mislead the search."""

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from scorer.math.extraction.extract import extract, given


@pytest.mark.parametrize(
    ("response", "answer", "rule"),
    [
        (r"The final answer is 3. \boxed{4}", "4", "boxed"),
        ("#### 4\nSorry, that was wrong. The answer is 5.", "5", "final_answer"),
        ("So the answer is 5 more than 3.\n#### 8", "8", "hash"),
        ("2 + 2 = <<2+2=4>>4\n#### 4", "4", "hash"),
        ("First $x=1$, then $y = 2$ follows.", "y = 2", "last_expression"),
        (r"The answer is 7. So \boxed{42", "7", "final_answer"),
        (r"We get \boxed{200}. " + "Then we go on. " * 20 + "The final answer is $455$.", "$455$", "final_answer"),
        (r"We get \boxed{200}. Then 2 * 200 = 400. The final answer is 400.", "400", "final_answer"),
        (r"We get \boxed{200}. " + "Then we check it. " * 20 + "So the answer is as above.", "200", "boxed"),
    ],
)
def test_the_first_place_that_has_something_wins(response: str, answer: str, rule: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, rule)


@pytest.mark.parametrize(
    "response",
    [
        "",
        "   \n",
        r"\boxed{}",
        r"\boxed{ }",
        "I do not know.",
        r"\boxed{42",
        "so $$x = 42",
        "<answer></answer>",
        "####",
    ],
)
def test_nothing_is_found_where_nothing_is(response: str) -> None:
    assert extract(response) is None


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("<think>The answer is 6? hmm</think>\n\n5", "5"),
        ("<think>maybe \\boxed{6}</think>\nThe answer is 5.", "5"),
        ("<think>a</think> \\boxed{4} <think>\\boxed{6}</think>\nSo \\boxed{5}", "5"),
        ("<Thinking>6</Thinking>5", "5"),
        ("<think>so it is \\boxed{6}</think>\n", "6"),
        ("<think>so it is \\boxed{6}", "6"),
    ],
)
def test_what_follows_the_thought_is_the_answer(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert extraction.answer == answer


@pytest.mark.parametrize("after", ["I do not know.", "Some other text, which goes on for more than a few words."])
def test_a_thought_does_not_answer_for_what_follows_it(after: str) -> None:
    assert extract(f"<think>It is \\boxed{{42}}.</think>\n{after}") is None


def test_given_answers_lose_an_enclosing_box_only() -> None:
    assert (given(r" \boxed{5} ") or pytest.fail()).answer == "5"
    assert (given(r"$\boxed{5}$") or pytest.fail()).answer == "5"
    assert (given("the answer is 5") or pytest.fail()).answer == "the answer is 5"
    assert given("  ") is None


PIECES = [
    *"\\{}$#<>=:.,aA1 \n*[]()|\"'`?",
    *["\\boxed", "answer is", "####", "<<", ">>", "\\(", "<answer>", "</answer>", "not ", " or ", "so ", "```", "wait"],
]


@hypothesis_given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_without_an_exception(response: str) -> None:
    extraction = extract(response)
    assert extraction is None or extraction.answer.strip() == extraction.answer != ""


@hypothesis_given(st.integers(-(10**9), 10**9), st.text(alphabet="abc .,\n$", max_size=40))
def test_a_box_is_found_whatever_stands_around_it(number: int, around: str) -> None:
    extraction = extract(f"{around} \\boxed{{{number}}} {around}")
    assert extraction is not None
    assert extraction.answer == str(number)


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("The answer is > 5", "> 5"),
        ("Answer:\n> 5", "5"),
        ("answer => 5", "5"),
        ("The answer is the square of 5", "the square of 5"),
        ("The answer is the 5th prime", "the 5th prime"),
        ("The answer is that the sum of the roots is 5.", "5"),
        ("The answer is the sum of the roots, 5.", "5"),
        ("The answer is the positive root $x = 5$.", "x = 5"),
        ("The answer is <b>5</b>", "5"),
        ("Answer: 6 = 5", "6 = 5"),
        ("Answer: $2+3 = 5$", "5"),
        (r"\text{Answer: } 5", "5"),
        (r"The final answer is: $\log _{36}(216)=\frac{3}{2}$.", r"\frac{3}{2}"),
        ("So the area is 12 pi.", "12 pi"),
        ("2¹⁰⁰", "2¹⁰⁰"),
        ("The total is US$32,500", "US$32,500"),
        ("The answer is seven (7).", "7"),
    ],
)
def test_answers_are_whole(response: str, answer: str) -> None:
    found = extract(response)
    assert found is not None
    assert found.answer == answer


def test_an_edit_takes_an_answer_back() -> None:
    assert extract("Answer: 5. Edit: it should be 6.") is None


def test_another_spelling_of_the_same_value_takes_nothing_back() -> None:
    found = extract(r"\boxed{\frac{3}{4}} or 75%")
    assert found is not None
    assert found.answer == r"\frac{3}{4}"
    assert extract(r"\boxed{\frac{3}{4}} or 70%") is None


def test_a_response_that_is_one_option_is_whole() -> None:
    found = extract("B. 12")
    assert found is not None
    assert found.answer == "B. 12"
