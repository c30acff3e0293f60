"""Measures in several units at once."""

import pytest

from scorer.math.answers.compound import mixed_measure
from scorer.math.judgement import Options, Outcome


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        ("1 hour 30 minutes", "90 minutes", True),
        ("1 hour 30 minutes", "1.5 hours", True),
        ("1 hour and 30 minutes", r"1\text{ h }30\text{ min}", True),
        ("90 min", "1 h 30 min", True),
        ("2 hours, 5 minutes", "2:05", True),
        ("5 feet 3 inches", "63 inches", True),
        ("5 feet 3 inches", "5' 3\"", True),
        (r"60^\circ 42'", r"60.7^\circ", True),
        ("2 dollars and 50 cents", "$2.50", True),
        ("3 pounds 4 ounces", "52 oz", True),
        ("1 hour 30 minutes", "1 hour 20 minutes", False),
        ("1 hour 30 minutes", "130 minutes", False),
        ("5 feet 3 inches", "63 feet", False),
        (r"60^\circ 42'", r"60^\circ", False),
    ],
)
def test_compared(gold: str, answer: str, equal: bool) -> None:
    judgement = mixed_measure(gold, answer, Options())
    assert judgement is not None
    assert (judgement.outcome is Outcome.EQUAL) is equal


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("90 minutes", "1.5 hours"),
        ("1 hour 30 minutes", "90"),
        ("30 minutes 1 hour", "90 minutes"),
        ("5 apples 3 pears", "8 apples"),
        ("5 m 3 s", "8 m"),
        ("1 hour 30 minutes", "about 90 minutes"),
    ],
)
def test_not_compared(gold: str, answer: str) -> None:
    assert mixed_measure(gold, answer, Options()) is None
