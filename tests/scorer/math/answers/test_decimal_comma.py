"""Decimals with a comma."""

import pytest

from scorer.math.answers.decimal_comma import decimal_comma
from scorer.math.judgement import Options, Outcome


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("1000.99", "1000,99"),
        ("1,22", "1.22"),
        ("0,111", "0.111"),
        ("0.5", "0,5"),
        ("-2.74", "$-2,74$"),
        (".50", "0,50"),
    ],
)
def test_same_digits(gold: str, answer: str) -> None:
    judgement = decimal_comma(gold, answer, Options())
    assert judgement is not None
    assert judgement.outcome is Outcome.EQUAL


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("1234", "12,34"),
        ("1.5", "1,5"),
        ("12.345", "12,345"),
        ("1.22", "1,23"),
        ("1.22", "1, 22"),
        ("5", "x"),
        ("a", "b"),
    ],
)
def test_nothing_is_said_of_others(gold: str, answer: str) -> None:
    assert decimal_comma(gold, answer, Options()) is None
