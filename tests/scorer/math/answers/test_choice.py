"""Multiple choice."""

import pytest

from scorer.math.answers.choice import choice, text_of
from scorer.math.judgement import Options, Outcome

NUMBERS = Options(choices=("12", "15", "20", r"\frac{1}{2}"))
COLOURS = Options(choices=("red", "blue", "dark green"))


def outcome(gold: str, answer: str, options: Options | None = None) -> Outcome | None:
    judgement = choice(gold, answer, options or Options())
    return None if judgement is None else judgement.outcome


@pytest.mark.parametrize(
    "answer",
    [
        "C",
        "(C)",
        "[C]",
        "C.",
        "C)",
        "C. 42",
        "C: 42",
        "(C) 42",
        r"\text{(C)}",
        r"\textbf{(C) } 42",
        r"\textbf{(C)}\ 42",
        "Option C",
        "choice (C)",
        "(c)",
        "**C**",
        "The correct answer is C",
        "answer: C",
        "(C) II and I",
    ],
)
def test_spellings_of_a_label(answer: str) -> None:
    assert outcome("C", answer) is Outcome.EQUAL
    assert outcome(r"\text{(C)}", answer) is Outcome.EQUAL
    assert outcome("D", answer) is not Outcome.EQUAL


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("A, C", "A,C"),
        ("A, C", "C and A"),
        ("AC", "A, C"),
        ("ACD", "A, D, and C"),
        ("(A) and (C)", "AC"),
        (r"\text{A,D}", "AD"),
        (r"\text{A}", r"\text{a}"),
        ("(b)", "B"),
        ("(C) 42", "C"),
        ("(C) 42", "C. 42"),
        ("(C) 42", "42"),
        ("D: 12", "D"),
        ("D: 12", "D: 24/2"),
        (r"C. $\{x \mid -3<x<4\}$", r"C. \{x \mid -3<x<4\}"),
        ("A, B", "Both A and B"),
        ("A, B", "Options (B) and (A)"),
    ],
)
def test_same(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.EQUAL


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("C", "A, C"),
        ("C", "C or D"),
        ("C", "(C) or (D)"),
        ("C", "C. or D."),
        ("C", "C. D. E."),
        ("C", "C. 42, D. 41"),
        ("C", "(D) 42"),
        ("(C)", "D"),
        ("A and B", "A or B"),
        ("ACD", "A, C"),
        ("AC", "A"),
        ("ABCD", r"A, B, C"),
        ("D: 12", "D: 13"),
        (r"C. {x \mid-3<x<4}", r"C. {x\mid -3<x<6}"),
        ("(C) 42", "C. 42 (D) 41"),
        ("C", "C. 42 (D) 41"),
        ("C", "(C) wrong"),
        ("C", "C. The answer is D"),
        ("C", "C. not 20"),
        ("C", "(C), or maybe another"),
        ("C", "C. Actually, none"),
        ("C", "C°"),
        ("C", "C'"),
    ],
)
def test_different(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.DIFFERENT


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("C", "c"),
        ("C", "42"),
        ("C", "C = 42"),
        ("A = 5", "5"),
        ("x", "y"),
        ("5", "C"),
        ("K", "(K)"),
        ("CBAD", "ABDC"),
        ("A: 5, B: 7", "A"),
        ("A: 5, B: 7", "A: 5, B: 7"),
        (r"J: $4 \mathrm{hr}, \mathrm{S}: 14 \mathrm{hr}$", "J: 7"),
    ],
)
def test_not_a_choice(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is None


@pytest.mark.parametrize(
    ("options", "gold", "answer"),
    [
        (NUMBERS, "C", "20"),
        (NUMBERS, "20", "C"),
        (NUMBERS, "C", "c"),
        (NUMBERS, "C", "C. 20"),
        (NUMBERS, "C", "Option C: 20"),
        (NUMBERS, "(C) 20", "$20$"),
        (NUMBERS, "D", "0.5"),
        (NUMBERS, "0.5", "(D)"),
        (COLOURS, "B", "Blue"),
        (COLOURS, "blue", "B"),
        (COLOURS, "B", "2"),
        (COLOURS, "B", "Option 2"),
        (COLOURS, "C", r"\text{Dark green}"),
        (COLOURS, "A, B", "B and A"),
    ],
)
def test_same_among_options(options: Options, gold: str, answer: str) -> None:
    assert outcome(gold, answer, options) is Outcome.EQUAL


@pytest.mark.parametrize(
    ("options", "gold", "answer"),
    [
        (NUMBERS, "C", "15"),
        (NUMBERS, "C", "C. 15"),
        (NUMBERS, "C", "C. 17"),
        (NUMBERS, "20", "B"),
        (NUMBERS, "B", "A, B"),
        (COLOURS, "B", "red"),
        (COLOURS, "B", "3"),
        (COLOURS, "B", "B. dark green"),
        (COLOURS, "A, B", "A"),
    ],
)
def test_different_among_options(options: Options, gold: str, answer: str) -> None:
    assert outcome(gold, answer, options) is Outcome.DIFFERENT


def test_a_number_is_no_label_among_numbers() -> None:
    assert outcome("B", "2", NUMBERS) is None
    assert outcome("A", "1.5", COLOURS) is None


def test_text_of_the_option() -> None:
    assert text_of("(D)", NUMBERS) == r"\frac{1}{2}"
    assert text_of("C. dark green", COLOURS) == "dark green"
    assert text_of("C. red", COLOURS) is None
    assert text_of("yellow", COLOURS) is None


@pytest.mark.parametrize(
    "answer",
    ["(C)+C", "(C), 17", "(C)=0", "(C) not", "(C)? (D)", "(C) is wrong", "(c) d", "C: D", "(C)^2", "(C)'"],
)
def test_what_follows_a_label_may_spoil_it(answer: str) -> None:
    assert outcome(r"\text{(C)}", answer) is Outcome.DIFFERENT
