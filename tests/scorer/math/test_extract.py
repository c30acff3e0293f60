"""Extraction: the documented order, and text that tries to mislead it."""

import multiprocessing
import re

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

import scorer.math.extract
from scorer.math.extract import _last_display, extract, given


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"so \boxed{42}.", "42"),
        (r"\boxed{5} wait, actually \boxed{6}", "6"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\fbox{42}", "42"),
        (r"\boxed 5 is it", "5"),
        (r"$\boxed5$", "5"),
        (r"\boxed{ 7 } and then \boxed{}", "7"),
        (r"\boxed{\boxed{3}}", "3"),
        (r"\boxed{1} and \boxed{2}", "1, 2"),
        (r"$\boxed{1}$, $\boxed{2}$, or $\boxed{3}$", "1, 2, 3"),
        (r"\boxed{1} is the first; later we find \boxed{2}", "2"),
        ("\\[\n\\boxed{\n42\n}\n\\]", "42"),
        (r"\boxed{\text{The answer is } 42}", "42"),
        (r"The final answer is 3. \boxed{4}", "4"),
        ("\\boxed{4}\n#### 5", "4"),
    ],
)
def test_boxes_come_first_and_the_last_one_wins(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "boxed")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("The final answer is 42.", "42"),
        ("The final answer is $42$. I hope it is correct.", "$42$"),
        ("the answer is: **42**", "42"),
        ("ANSWER: 42", "42"),
        ("**Answer:** 42", "42"),
        ("**Final Answer**\n\n$$42$$", "42"),
        ("Some steps.\nA: 26", "26"),
        ("<answer>42</answer>", "42"),
        ('{"answer": 42}', "42"),
        ("The answer to the question is 3.5 apples.", "3.5 apples"),
        ("The answer is 5 or 6.", "5 or 6"),
        ("Therefore the answer is 5 because 2 + 3 = 5.", "5"),
        ("The answer is 4. No, the answer is 5.", "5"),
        ("It's not A or B, therefore the correct option is C.", "C"),
        ("Option C looks tempting, but the answer is D.", "D"),
        ("#### 4\nThe answer is 5.", "5"),
        ("The answer is\n5", "5"),
        (r"The answer is $\frac{10}{2}$, i.e. 5.", r"$\frac{10}{2}$"),
    ],
)
def test_announcements(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "final_answer")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("2 + 2 = <<2+2=4>>4\n#### 4", "4"),
        ("#### 1,234", "1,234"),
        ("So the answer is 5 more than 3.\n#### 8", "8"),
        ("work\n#### yes", "yes"),
    ],
)
def test_hash_lines(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "hash")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("Therefore 6*7 = 42.", "42"),
        ("So there are 3 + 4 + 5 = 12 apples, 3 of them red.", "12"),
        ("First $x=1$, then $y = 2$ follows.", "y = 2"),
        ("#### Step 1\nWe get 7", "7"),
        ("It costs $5 and she pays with $10", "$10"),
        ("16 - 3 = <<16-3=13>>13 eggs", "13"),
    ],
)
def test_the_last_expression_is_the_last_resort(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "last_expression")


@pytest.mark.parametrize("response", ["", "   \n", r"\boxed{}", r"\boxed{ }", "I do not know.", r"\boxed{42"])
def test_nothing_is_found_where_nothing_is(response: str) -> None:
    assert extract(response) is None


def test_a_box_that_was_cut_off_is_not_read() -> None:
    extraction = extract(r"The answer is 7. So \boxed{42")
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == ("7", "final_answer")


def test_given_answers_lose_an_enclosing_box_only() -> None:
    assert (given(r" \boxed{5} ") or pytest.fail()).answer == "5"
    assert (given("the answer is 5") or pytest.fail()).answer == "the answer is 5"
    assert given("  ") is None


PIECES = [*"\\{}$#<>=:.,aA1 \n", "\\boxed", "answer is", "####", "<<", ">>", "\\("]


@hypothesis_given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_without_an_exception(response: str) -> None:
    extraction = extract(response)
    assert extraction is None or extraction.answer.strip() == extraction.answer != ""


@hypothesis_given(st.integers(-(10**9), 10**9), st.text(alphabet="abc .,\n$", max_size=40))
def test_a_box_is_found_whatever_stands_around_it(number: int, around: str) -> None:
    extraction = extract(f"{around}\\boxed{{{number}}}{around}")
    assert extraction is not None
    assert extraction.answer == str(number)


HOSTILE = [
    *["\\boxed{", "The answer is ", "$", "$$", "\\(", "\\[", "$ 1", "$1\n", "$$1", "\\(1 \\["],
    *["#### ", "answer: ", "1/2 ", "1,111", "{", "<<", "=", "**Final Answer**\n", ",", "</think>", "<think>"],
    *["The answer is 5" + " " * 999, "answer: i.e. , "],
]


def extract_all(size: int) -> None:
    """What the next test runs in a process that can be killed."""
    scorer.math.extract.TAIL_CHARS = 1 << 30
    for unit in HOSTILE:
        extract(unit * (size // len(unit)) + "1")


def test_hostile_repetition_takes_linear_time() -> None:
    """Quadratic time would be hours here for a single one of them."""
    process = multiprocessing.get_context("fork").Process(target=extract_all, args=(1_000_000,))
    process.start()
    process.join(120)
    process.kill()
    process.join()
    assert process.exitcode == 0


@hypothesis_given(
    st.lists(st.sampled_from(["$", "$$", "\\", "\\(", "\\)", "\\[", "\\]", " ", "\n", "1", "x"])).map("".join)
)
def test_the_last_display_is_the_one_that_a_plain_pattern_finds(text: str) -> None:
    pattern = r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|(?<!\\)\$(?! )([^$\n]+)(?<![\\ ])\$(?!\d)|\\\((.+?)\\\)"
    found = [next(filter(None, match.groups())) for match in re.finditer(pattern, text, re.DOTALL)]
    assert _last_display(text) == (found[-1] if found else "")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("<think>The answer is 6? hmm</think>\n\n5", "5"),
        ("<think>maybe \\boxed{6}</think>\nThe answer is 5.", "5"),
        ("<think>a</think> \\boxed{4} <think>\\boxed{6}</think>\nSo \\boxed{5}", "5"),
        ("<think>so it is \\boxed{6}</think>", "6"),
        ("<think>so it is \\boxed{6}</think>\nDone.", "6"),
        ("<think>so it is \\boxed{6}", "6"),
    ],
)
def test_what_follows_the_reasoning_comes_first(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert extraction.answer == answer
