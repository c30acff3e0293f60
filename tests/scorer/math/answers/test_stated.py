"""What equations say about values."""

import pytest

from scorer.math import values
from scorer.math.answers.stated import is_rounding, statement
from scorer.math.syntax.parse import parse
from scorer.math.syntax.show import show


@pytest.mark.parametrize(
    ("text", "subject", "value"),
    [
        ("x = 5", "x", "5"),
        ("5 = x", "x", "5"),
        ("f(x) = 2x", "f(x)", "2*x"),
        ("AB = 5", "A*B", "5"),
        ("a:b = 2:3", "a:b", "2:3"),
        ("A(1, 2)", "A", "(1, 2)"),
    ],
)
def test_a_value_of_something(text: str, subject: str, value: str) -> None:
    said = statement(parse(text), values.same)
    assert said is not None
    assert said.subject is not None
    assert show(said.subject) == subject
    assert said.value == parse(value.replace("*", ""))


@pytest.mark.parametrize(
    "text", ["x - y = 0", "x = x^2", "x = 4 = 5", "x < 5", "5", r"\frac13 \approx 0.34", "2x = 10"]
)
def test_no_value(text: str) -> None:
    assert statement(parse(text), values.same) is None


@pytest.mark.parametrize(
    ("rounded", "value", "expected"),
    [
        ("0.333", r"\frac13", True),
        ("0.334", r"\frac13", False),
        ("3.14", r"\pi", True),
        ("3.1", r"\pi", True),
        ("3.2", r"\pi", False),
        ("-1.41", r"-\sqrt2", True),
        ("x", r"\pi", False),
        (r"\frac13", r"\pi", False),
    ],
)
def test_roundings(rounded: str, value: str, expected: bool) -> None:
    assert is_rounding(parse(rounded), parse(value)) is expected
