"""Digits with a base."""

from fractions import Fraction

import pytest

from scorer.math.answers.bases import same_based
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Based, Node, Number, Product, Symbol

TWO = Based("1011", 2, 11)
HEX = Based("2A", 16, 42)


def number(value: int) -> Number:
    return Number(Fraction(value))


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        (TWO, TWO, True),
        (TWO, number(1011), True),
        (TWO, number(11), False),
        (TWO, Based("1011", 3, 31), False),
        (TWO, Based("13", 8, 11), False),
        (HEX, Product((number(2), Symbol("A"))), True),
        (HEX, Product((number(2), Symbol("a"))), True),
        (HEX, Product((number(2), Symbol("B"))), False),
        (HEX, Product((Symbol("A"), number(2))), False),
        (number(11), TWO, True),
        (number(1011), TWO, True),
        (number(12), TWO, False),
        (TWO, Number(Fraction(1011), decimal=True), False),
        (Based("A", 16, 10), Symbol("A"), True),
        (Based("A", 16, 10), Symbol("alpha"), False),
    ],
)
def test_compared(gold: Node, answer: Node, equal: bool) -> None:
    assert same_based(gold, answer) is (Outcome.EQUAL if equal else Outcome.DIFFERENT)
