"""Numbers in words."""

from fractions import Fraction

import pytest

from scorer.math.answers.spelled_numbers import in_digits, number_word, read_spelled
from scorer.math.judgement import Options, Outcome


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twelve", 12),
        ("Two hundred and five", 205),
        ("two hundred five thousand three", 205_003),
        ("one million two hundred thousand", 1_200_000),
        ("twenty-five", 25),
        ("zero", 0),
        ("negative three", -3),
        ("a dozen", 12),
        ("two dozen", 24),
        ("a hundred", 100),
        ("one half", Fraction(1, 2)),
        ("half", Fraction(1, 2)),
        ("three quarters", Fraction(3, 4)),
        ("two-thirds", Fraction(2, 3)),
        ("two and a half", Fraction(5, 2)),
        ("three point one four", Fraction(157, 50)),
        ("first", 1),
        ("twenty-first", 21),
        ("the 60th caller", 60),
        ("15th Day", 15),
        (r"15^\text{th}", 15),
        ("Day 15", 15),
    ],
)
def test_values(text: str, value: Fraction) -> None:
    spelled = read_spelled(text)
    assert spelled is not None
    assert spelled.value == value


@pytest.mark.parametrize(
    "text",
    [
        "five or six",
        "five and six",
        "five minus two",
        "five times three",
        "two of three",
        "first and second",
        "1st or 2nd",
        "one is wrong",
        "the three",
        "hundred",
        "thousand million",
        "one half half",
        "point",
        "x",
        "",
        "12",
        "three point twelve",
        "one " * 40,
    ],
)
def test_nothing(text: str) -> None:
    spelled = read_spelled(text)
    assert spelled is None or number_word("1", text, Options()) is None


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        ("12", "twelve", True),
        ("twelve", "12", True),
        ("12 apples", "twelve", True),
        ("12", "twelve red marbles", True),
        ("twelve apples", "12 oranges", False),
        (r"\frac{1}{2}", "one half", True),
        ("50%", "fifty percent", True),
        ("15th Day", "15", True),
        ("15", "fifteenth", True),
        ("15th day", "15th week", False),
        ("15th day", "15 hours", False),
        ("5", "five million", False),
        ("$5", "five dollars", True),
        ("13", "twelve", False),
        ("15th Day", "15th or 16th", False),
    ],
)
def test_compared(gold: str, answer: str, equal: bool) -> None:
    judgement = number_word(gold, answer, Options())
    assert judgement is not None
    assert (judgement.outcome is Outcome.EQUAL) is equal


def test_not_compared() -> None:
    assert number_word("12", "12", Options()) is None
    assert number_word(r"\sqrt{144}", "twelve", Options()) is None
    assert number_word("third quadrant", "Quadrant III", Options()) is None


def test_in_digits() -> None:
    assert in_digits("twelve apples") == "12 apples"
    assert in_digits("negative two thirds") == r"-\frac{2}{3}"
    assert in_digits("the third day") == "3"
    assert in_digits("x + 1") == "x + 1"


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        ("7", "seven (7)", True),
        ("7", "7 (seven)", True),
        ("7", "Seven (7) ways", True),
        ("5", "5 (five) apples", True),
        ("1,200", "1,200 (one thousand two hundred)", True),
        ("3.5", "3 and a half", True),
        ("3.75", "3 and three quarters", True),
        ("3", "3 and a half", False),
        ("7", "seven (8)", False),
        ("8", "seven (8)", False),
        ("8", "8 (seven)", False),
        ("8", "seven (7)", False),
    ],
)
def test_words_and_digits_side_by_side(gold: str, answer: str, equal: bool) -> None:
    judgement = number_word(gold, answer, Options())
    assert judgement is not None
    assert judgement.outcome is (Outcome.EQUAL if equal else Outcome.DIFFERENT)
