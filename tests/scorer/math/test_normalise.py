"""Normalisation: equal spellings meet, different values stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.normalise import closing_brace, normalise, skeleton, unwrap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$\dfrac12$.", r"\frac{1}{2}"),
        (r"\(\left( 1, 2 \right)\)", "( 1, 2 )"),
        ("–3", "-3"),
        ("x²", "x^2"),
        ("x₁", "x_1"),
        ("3√15", r"3\sqrt{15}"),
        ("１２", "12"),
        ("5\u00a0", "5"),
        (r"\text{Monday}", "Monday"),
        (r"\mathbf{42}", "42"),
        (r"\displaystyle 42", "42"),
        (r"1{,}234", "1,234"),
        (r"1\,234", "1,234"),
        (r"1,\!234", "1,234"),
        (r"1,\! 234,\! 567", "1,234,567"),
        (r"\pi\!r", r"\pi r"),
        (r"\\#", r"\\#"),
        ("1\t2", "1 2"),
        (r"30^\circ", r"30^{\circ}"),
        (r"50\%", "50%"),
        (r"\boxed{7}", "7"),
        ("**42**", "42"),
        ("#### 1,234", "1,234"),
        ("####", "####"),
        ("((((1))))", "(1)"),
        ("{{1}}", "1"),
    ],
)
def test_spellings(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["(1)(2)", "(1,2)", r"\frac{1}{2}", "{1}{2}", "$1$ or $2$", "((1)(2))"])
def test_what_does_not_enclose_the_whole_stays(text: str) -> None:
    assert unwrap(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A, C", "A,C"),
        (r"\text{Monday}", "monday"),
        ("x = 5", "x=5"),
        (r"\text{Right angle}", "right  angle"),
        ("MONDAY", "Monday"),
        (r"1011_{2}", "1011_2"),
        (r"\begin{pmatrix}1 & 2\end{pmatrix}", r"\begin{pmatrix}1&2\end{pmatrix}"),
    ],
)
def test_same_letters(one: str, other: str) -> None:
    assert skeleton(normalise(one)) == skeleton(normalise(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x", "X"),
        ("abc", "ABC"),
        ("mgh", "MGH"),
        ("x y", "X Y"),
        ("nRT", "NRT"),
        ("ABCD", "abcd"),
        ("1 2", "12"),
        ("a b", "ab"),
        (r"\pi r^2", r"\pi R^2"),
    ],
)
def test_different_letters(one: str, other: str) -> None:
    assert skeleton(normalise(one)) != skeleton(normalise(other))


def test_closing_brace_skips_escaped_ones() -> None:
    assert closing_brace(r"a\}{b}}c", 0) == 6
    assert closing_brace("{}", 0) == -1


@given(st.text(max_size=60))
def test_any_text_is_taken_without_an_exception(text: str) -> None:
    skeleton(normalise(text))


@given(st.integers(), st.sampled_from(["${}$", r"\({}\)", "**{}**", r"\text{{{}}}", r"\boxed{{{}}}", "({})", "{}."]))
def test_wrapping_does_not_change_a_number(number: int, wrapper: str) -> None:
    assert normalise(wrapper.format(number)).strip("()") == str(number)


PIECES = [
    *"\\{}$()[],.;:\"'`*_^~ 12x-#%&!|",
    *[
        "\\text{",
        "\\frac",
        "\\sqrt",
        "\\left",
        "\\right",
        "\\,",
        "\\ ",
        "\\!",
        "\\quad",
        "{,}",
        "123",
        "####",
        "**",
        "$$",
    ],
    *[
        "√",
        "²",
        "₁",
        "½",
        "°",
        "^\\circ",
        "\\degree",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "\\boxed{",
        "\\leq",
        "\\dfrac",
        "１",
        "\u3000",
    ],
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=20))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(("one", "other"), [("MONDAY", "Monday"), ("Saint Peter", "saint peter")])
def test_words_have_no_case(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"), [("PV", "Pv"), ("xyz", "XYZ"), ("ABCD", "abcd"), ("nRT", "NRT"), ("Rr", "RR")]
)
def test_letters_that_make_no_word_keep_their_case(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)
