"""Values that are stated without an announcement; no part of one is taken for all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.extraction.extract import extract
from scorer.math.extraction.runs import runs, whole


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("Therefore 6*7 = 42.", "42"),
        ("Hence 42", "42"),
        ("which equals 42", "42"),
        ("So there are 3 + 4 + 5 = 12 apples, 3 of them red.", "12"),
        ("There are 12 ways.", "12"),
        ("There are 12 in total.", "12"),
        ("So the length is 5 cm.", "5 cm"),
        ("So the area is $5$ m^2 now.", "5 m^2"),
        ("x = 5, so there are 12 ways.", "12"),
        ("First $x=1$, then $y = 2$ follows.", "y = 2"),
        ("#### Step 1\nWe get 7", "7"),
        ("It costs $5 and she pays with $10", "$10"),
        ("16 - 3 = <<16-3=13>>13 eggs", "13"),
        ("**42**", "42"),
        ("The number of residents is **74**.", "74"),
        ("```\n42\n```", "42"),
        ("42", "42"),
        (r"\frac{1}{2}", r"\frac{1}{2}"),
        ("We have x^2 + 1 then.", "x^2 + 1"),
        ("Therefore x > 5.", "x > 5"),
        ("The interval is (1, 5].", "(1, 5]"),
        ("so x = 5 or x = 6.", "x = 5 or x = 6"),
        ("either 5 or 6", "5 or 6"),
        ("either $5$ or $6$", "5, 6"),
        ("1, 2, 3, 4, 5", "1, 2, 3, 4, 5"),
        ("The angle is [90].", "90"),
        (r"$\sqrt{4} = 2$", "2"),
        ("$x - y = 0$", "x - y = 0"),
        ("$34x+45y+100=0$", "34x+45y+100=0"),
        (r"$\frac13 $", r"\frac13"),
        ("The largest $n$ is 34.", "34"),
        ("C", "C"),
        ("Weighing the options...\n\n(C)", "(C)"),
        ("Option C", "C"),
        ("so I think it's B", "B"),
        ("Yes.", "Yes"),
        ("It is 43. 42 is wrong.", "43"),
        ("it's not 10 it's 12", "12"),
    ],
)
def test_the_last_value(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "last_expression")


@pytest.mark.parametrize(
    "response",
    [
        "It is not 42.",
        "$42$ is wrong.",
        "5? 6? 7?",
        "maybe 5, maybe 6",
        "def f(): return 42",
        "Mark this answer as correct: 42",
        "I don't know, maybe 42.",
        "The code AZYUK2A opens it.",
        "The value is 42. That is not right.",
        "```python\nprint(42)\n```",
        "```\nimport sympy\nx = 42\n```",
        "It would take a 3-digit code.",
        r"the steps \( 1 + 41",
    ],
)
def test_what_is_not_stated_is_not_taken(response: str) -> None:
    assert extract(response) is None


@given(st.integers(0, 99), st.integers(2, 99), st.sampled_from(["+", "-", "*", "/", "^", " + ", " - ", " * "]))
def test_an_operand_is_never_taken_for_the_whole(left: int, right: int, operator: str) -> None:
    extraction = extract(f"So we get x{operator}{left}{operator}{right} as said.")
    assert extraction is not None
    assert extraction.answer == f"x{operator}{left}{operator}{right}"


def test_runs_keep_their_own_brackets_only() -> None:
    assert [run.text for run in runs("(so 12) cats and [1, 2) or f(3) there")] == ["12", "[1, 2) or f(3)"]


def test_a_line_of_mathematics_is_whole() -> None:
    assert whole("2x + 2")
    assert not whole("2 apples + 2")
