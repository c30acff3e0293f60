"""Everything that is not mathematics, in its order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.answers.wording import compare_wording, is_prose, without_only
from scorer.math.judgement import Judgement, Options, Outcome

PIECES = (
    r"\text{|}|{|(|)| |or |and |,|$|7|:|32|pm|June |twelve |C|.|^|\circ|'"
    r"|Yes|no solution|point |hundred |a |%|½|é|\|lambda "
)
TEXTS = st.lists(st.sampled_from(PIECES.split("|")), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("gold", "answer", "rule", "outcome"),
    [
        ("1", "eval('1')", "code", Outcome.DIFFERENT),
        ("C", "(C)", "choice", Outcome.EQUAL),
        ("June 20", "20 June", "date", Outcome.EQUAL),
        ("7 pm", "19:00", "time", Outcome.EQUAL),
        ("1 hour 30 minutes", "90 minutes", "mixed_measure", Outcome.EQUAL),
        ("15th Day", "15", "number_word", Outcome.EQUAL),
        ("no solution", "none", "statement", Outcome.EQUAL),
        (r"\text{even}", r"\text{odd}", "words", Outcome.DIFFERENT),
        ("5", "We see that x = 5 is the total", "prose", Outcome.DIFFERENT),
        (r"The area is $\pi r^2$ there", r"The area is $\pi R^2$ there", "prose", Outcome.DIFFERENT),
        (r"The area is $\pi r^2$ there", r"The area is $\pi r^2$ there.", "prose", Outcome.EQUAL),
    ],
)
def test_rules(gold: str, answer: str, rule: str, outcome: Outcome) -> None:
    judgement = compare_wording(gold, answer, Options())
    assert judgement is not None
    assert (judgement.rule, judgement.outcome) == (rule, outcome)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("xy", "yx"),
        ("7:32", "7/32"),
        ("e^{it}", r"\cos t + i \sin t"),
        ("f(x) = cx", "f(x) = cx, where c is any integer"),
        ("f(x) = 1", r"f(x) = 1 \text{ for all } x \in \mathbb{Q}"),
        (r"19 \text{ and } 43", "43, 19"),
        ("60 mph", "60 miles per hour"),
        ("9 (apples)", "9 apples"),
    ],
)
def test_mathematics_goes_on(gold: str, answer: str) -> None:
    assert compare_wording(gold, answer, Options()) is None


def test_option_stands_for_its_label() -> None:
    options = Options(choices=("no solution", "one", "5"))
    assert _outcome(compare_wording("A", "There are no solutions", options)) is Outcome.EQUAL
    assert _outcome(compare_wording("A", "infinitely many", options)) is Outcome.DIFFERENT


def test_too_long_is_left_to_others() -> None:
    assert compare_wording("even", "odd " * 2000, Options()) is None


def test_prose() -> None:
    assert is_prose("the total is 5 in the end")
    assert is_prose("5, wait, 6")
    assert not is_prose("5 red marbles")
    assert not is_prose("f(x) = cx, where c is a constant")


@given(TEXTS, TEXTS)
def test_any_text_gets_the_same_judgement_twice(gold: str, answer: str) -> None:
    assert compare_wording(gold, answer, Options()) == compare_wording(gold, answer, Options())


@given(TEXTS)
def test_a_text_is_never_different_from_itself(text: str) -> None:
    judgement = compare_wording(text, text, Options())
    assert judgement is None or judgement.outcome is Outcome.EQUAL


def _outcome(judgement: Judgement | None) -> Outcome | None:
    return None if judgement is None else judgement.outcome


@pytest.mark.parametrize(
    ("text", "without"),
    [
        (r"$\text{only }x=0$", "$x=0$"),
        ("only 5", " 5"),
        ("5 only", "5 "),
        (r"x=0 \text{ only}", "x=0 "),
        ("only if x>0", "only if x>0"),
        ("x=0 only if y", "x=0 only if y"),
        ("commonly", "commonly"),
    ],
)
def test_only_says_nothing(text: str, without: str) -> None:
    assert without_only(text) == without
