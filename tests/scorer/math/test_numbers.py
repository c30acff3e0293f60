"""Exact numbers: how they are read, and when two are the same."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.normalise import normalise
from scorer.math.numbers import MAX_DIGITS, numbers_equal, read_number


def value(text: str) -> Fraction | None:
    number = read_number(normalise(text))
    return None if number is None else number.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("42", Fraction(42)),
        ("+5", Fraction(5)),
        ("007", Fraction(7)),
        ("3.000", Fraction(3)),
        ("-.5", Fraction(-1, 2)),
        ("1,234,567.5", Fraction(12345675, 10)),
        (r"1{,}234", Fraction(1234)),
        (r"\$18.00", Fraction(18)),
        (r"-\$5", Fraction(-5)),
        ("3/4", Fraction(3, 4)),
        ("-3/-4", Fraction(3, 4)),
        (r"\dfrac{-1}{2}", Fraction(-1, 2)),
        (r"-\frac{1}{-2}", Fraction(1, 2)),
        (r"\frac12", Fraction(1, 2)),
        (r"3\frac{1}{2}", Fraction(7, 2)),
        (r"-2\frac{1}{3}", Fraction(-7, 3)),
        ("3 1/2", Fraction(7, 2)),
        (r"6.02\times 10^{23}", Fraction(602 * 10**21)),
        ("6.02*10^23", Fraction(602 * 10**21)),
        ("1e-3", Fraction(1, 1000)),
        (r"0.\overline{3}", Fraction(1, 3)),
        (r"0.1\overline{6}", Fraction(1, 6)),
        ("18 apples", Fraction(18)),
        (r"4.5\text{ hours}", Fraction(9, 2)),
        (r"1011_2", Fraction(11)),
        (r"4210_{\text{five}}", Fraction(4 * 125 + 2 * 25 + 5)),
    ],
)
def test_numbers_are_read_exactly(text: str, expected: Fraction) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "3x",
        "5xy",
        "1,2",
        "12,34",
        "1,23",
        "(1,2)",
        "5 or 6",
        r"5\text{ or }6",
        "1/0",
        r"\frac{1}{0}",
        "1e999999999",
        "1.2.3",
        "--",
        "3 pi",
        r"2\pi",
        "7:32",
        "1 2",
        "5!",
        "5 squared",
        "5 below zero",
        "5 nor six",
        "5 hundred and six",
        r"\sqrt{4}",
        "12_1",
        "19_8",
        "1" * (MAX_DIGITS + 1),
        "nan",
        "i",
    ],
)
def test_what_is_no_plain_number_is_not_read(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        ("50%", "50", True),
        (r"50\%", "0.5", True),
        ("0.5", r"50\%", True),
        (r"50\%", r"\frac{1}{2}", True),
        (r"50\%", "5", False),
        (r"50\%", r"0.5\%", False),
        (r"5\text{ cm}", "5", True),
        ("5", "5 cm", True),
        ("5 cm", "5 m", False),
        (r"12\text{ cm}^2", r"12\text{ square centimeters}", True),
        (r"12\text{ cm}^2", r"12\text{ cm}", False),
        ("60 mph", r"60\text{ miles per hour}", True),
        (r"2\text{ m/s}^2", r"2\ \mathrm{m/s^2}", True),
        (r"30^\circ", "30 degrees", True),
        ("9m", r"9\,\text{m}", True),
        ("9", "9m", False),
        ("1011_2", "1011_{2}", True),
        ("1011_2", "(1011)_2", True),
        ("1011_2", "1011", True),
        ("412_5", "412_6", False),
        ("12_6", "12_5", False),
        ("1011_2", "11", False),
        (r"\frac{1}{3}", "0.333333", False),
        ("1000000007", "1000000008", False),
        ("0.0000001", "0", False),
        ("5", "5 million", False),
        ("5 million", "5", False),
        ("5000000", "5 million", True),
        ("5 million", "5,000,000", True),
        (r"\$2.5\text{ million}", "2500000 dollars", True),
        ("60", "5 dozen eggs", True),
        ("12", "12 dozen", False),
    ],
)
def test_policy(gold: str, answer: str, equal: bool) -> None:
    gold_number, answer_number = read_number(normalise(gold)), read_number(normalise(answer))
    assert gold_number is not None
    assert answer_number is not None
    assert numbers_equal(gold_number, answer_number) is equal


@given(st.integers(-(10**30), 10**30))
def test_thousands_separators_change_nothing(number: int) -> None:
    assert value(f"{number:,}") == value(str(number)) == number


@given(st.fractions(max_denominator=10**6))
def test_fractions_are_read_back(fraction: Fraction) -> None:
    assert value(f"{fraction.numerator}/{fraction.denominator}") == fraction
    assert value(rf"\frac{{{fraction.numerator}}}{{{fraction.denominator}}}") == fraction


@given(st.text(alphabet="0123456789.,/-+eE%$\\frac{}_ 角①²", max_size=30))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    read_number(normalise(text))
