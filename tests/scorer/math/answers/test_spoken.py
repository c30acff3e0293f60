"""Words are told from mathematics."""

import pytest

from scorer.math.answers.spoken import fold, is_words, says_mathematics, spoken


@pytest.mark.parametrize(
    "text",
    [
        r"\text{ba}",
        r"$\text{VW}$",
        r"\mathrm{even}",
        "even",
        "Monday",
        "DNA",
        "no solution",
        "hyperbola",
        "Alice and Bob",
        "Vendor 2",
        "Mrs. Doyle's class",
        "Café",
    ],
)
def test_words(text: str) -> None:
    assert is_words(spoken(text))


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "xy",
        "abcde",
        "ab+c",
        "no",
        r"\sin x",
        "sin theta",
        "x and y",
        "5 cm",
        r"\text{A}",
        "2x",
        "(a, b)",
        r"x \text{ or } y",
        "aeiou",
        "a b c",
        "",
    ],
)
def test_mathematics(text: str) -> None:
    assert not is_words(spoken(text))


def test_plain_text_has_no_commands() -> None:
    assert spoken(r"$\text{June } 20^{\text{th}}$").plain == "June 20th"
    assert spoken(r"\textbf{(C)}\ 42").plain == "(C) 42"


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [(r"\text{a}", True), (r"$\mathrm{A}$.", True), ("a", False), (r"\text{a}+1", False), (r"5\text{ cm}", False)],
)
def test_wrapped(text: str, wrapped: bool) -> None:
    assert spoken(text).wrapped is wrapped


def test_folding() -> None:
    assert fold("The Right-angled  triangle.") == fold("right angled triangle") == "right angled triangle"
    assert fold("Rug A") == "rug a"
    assert fold("É") == "e"


def test_spoken_mathematics() -> None:
    assert says_mathematics(spoken("all real numbers"))
    assert not says_mathematics(spoken("Monday"))
