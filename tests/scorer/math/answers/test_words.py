"""Words and phrases."""

import pytest

from scorer.math.answers.words import words
from scorer.math.judgement import Options, Outcome


def outcome(gold: str, answer: str, options: Options | None = None) -> Outcome | None:
    judgement = words(gold, answer, options or Options())
    return None if judgement is None else judgement.outcome


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\text{even}", "even"),
        (r"\text{Monday}", "monday"),
        ("Yes", r"\text{Yes}"),
        ("true", "True"),
        ("True", "T"),
        (r"\text{empty}", "empty"),
        ("CBAD", r"\mathrm{CBAD}"),
        ("no solution", "There are no solutions."),
        ("no solution", r"\emptyset"),
        (r"\{\}", "None"),
        ("DNE", "doesn't exist"),
        ("undefined", "does not exist"),
        ("infinitely many", "There are infinitely many solutions"),
        (r"\infty", "infinity"),
        (r"-\infty", "negative infinity"),
        ("cannot be determined", "not enough information"),
        ("Alice and Bob", "Bob, Alice"),
        ("A. Smith; B. Jones", "B. Jones and A. Smith"),
        ("line segment, circle", r"\text{line segment and circle}"),
        ("red or blue", "blue or red"),
        ("The ellipse", "an ellipse"),
        ("circles", "circle"),
        ("even", "an even function"),
        ("acute triangle", r"\text{acute}"),
        ("right-angled", "right angled"),
        ("Vendor 2", "vendor 2"),
        ("third quadrant", "Quadrant III"),
        ("Quadrant IV", "quadrant 4"),
        (r"(\text{red}, \text{blue})", "(red, blue)"),
        (r"\{\text{red}, \text{blue}\}", r"\{blue, red\}"),
        ("3 red, 2 blue", "2 blue and 3 red"),
        ("parabola", "It is a parabola."),
        ("even", "even because f(-x) = f(x)"),
        ("Yes", "Yes, since v and w are orthogonal"),
        ("No. It is not closed under addition.", "no"),
        ("The transformed function $f(x+1)-1$ is odd.", "odd"),
        ("Petya will receive the last token.", "Petya"),
        ("A stopped clock shows the correct time more often.", "the stopped clock"),
    ],
)
def test_same(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.EQUAL


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\text{even}", r"\text{odd}"),
        (r"\text{red}", r"\text{der}"),
        (r"\text{ba}", "ab"),
        ("CBAD", "ABCD"),
        ("Yes", "no"),
        ("1", "True"),
        ("0", "None"),
        ("infinitely many", "5"),
        ("0", "no solution"),
        ("no solution", "infinitely many"),
        (r"\infty", r"\text{negative infinity}"),
        ("Evelyn", "Evelyn and Tom"),
        ("Alice and Bob", "Alice"),
        ("Alice and Bob", "Alice or Bob"),
        ("Alice", "Alice or Bob"),
        ("right triangle", "right angle"),
        ("Rug A", "Rug B"),
        ("Rug A", "Rug"),
        ("Quadrant I", "Quadrant II"),
        ("Vendor 2", "Vendor 3"),
        ("(red, blue)", "(blue, red)"),
        (r"\{\text{red}, \text{blue}\}", r"\{red, green\}"),
        ("Yes", "yes or no"),
        ("Yes", "Yes. No."),
        ("Yes. It is an integer.", "No"),
        ("The transformed function $f(x+1)-1$ is odd.", "even"),
        ("The function is not odd at all.", "odd"),
        ("necessary but not sufficient", "necessary and sufficient"),
        ("even", "x^2"),
        ("5", r"\text{no solution}"),
        ("3", "three or four"),
        ("ellipse", "hyperbola"),
        ("Petya will receive the last token.", "Vasya"),
        ("Petya will receive the last token.", "the last token"),
        ("A stopped clock shows the correct time more often.", "slow"),
        ("True", "F"),
    ],
)
def test_different(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.DIFFERENT


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("xy", "yx"),
        ("ba", "ab"),
        ("no", "on"),
        ("x", "5"),
        (r"\mathbb{R}", r"\text{all real numbers}"),
        ("T", "F"),
        (r"\sin x", "sin x"),
        (r"x = 3 \text{ or } x = 4", "x = 4, x = 3"),
        (r"5\text{ cm}", "5"),
        ("x^2", "x squared"),
        ("(xy, yz)", "(yx, zy)"),
        (r"(\cos x, \sin x)", "(cos x, sin x)"),
        ("3 red, 2 blue", "3 red, 2 green"),
    ],
)
def test_mathematics_is_left_alone(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is None


@pytest.mark.parametrize("answer", ["Yes, 17", "Yes. foo", "Yes, it is not"])
def test_what_follows_yes_has_to_explain_it(answer: str) -> None:
    assert outcome("Yes", answer) is Outcome.DIFFERENT


def test_order_of_names_when_it_matters() -> None:
    assert outcome("Alice, Bob", "Bob, Alice", Options(order_matters=True)) is Outcome.DIFFERENT
    assert outcome("Alice, Bob", "Alice and Bob", Options(order_matters=True)) is Outcome.EQUAL


def test_both_canonical_forms_are_given() -> None:
    judgement = words("There are no solutions", r"\text{The moon}", Options())
    assert judgement is not None
    assert (judgement.rule, judgement.answer_form) == ("words", "moon")


@pytest.mark.parametrize(("gold", "answer"), [("nRT", "NRT"), ("mgh", "MGH"), ("abc", "ABC"), ("GmM", "gMm")])
def test_letters_that_may_be_unknowns_keep_their_case(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is None


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("Bob", "BOB"), ("Monday", "MONDAY"), (r"\text{DNA}", "dna"), ("odd", "ODD"), ("SAS", "sas"), ("SSS", "sss")],
)
def test_words_do_not(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.EQUAL
