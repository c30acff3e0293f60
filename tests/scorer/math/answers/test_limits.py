"""Hostile sizes are refused, and nothing recurses without end."""

from fractions import Fraction

import pytest

from scorer.math.answers.compare import compare
from scorer.math.judgement import Options
from scorer.math.syntax.tree import (
    Group,
    List,
    Node,
    Number,
    PlusMinus,
    Relation,
    SetOperation,
    Sum,
    Symbol,
    TooLarge,
)


def numbers(count: int, start: int = 0) -> tuple[Node, ...]:
    """Different numbers."""
    return tuple(Number(Fraction(value)) for value in range(start, start + count))


def signs(count: int) -> tuple[Node, ...]:
    """Values with plus-minus."""
    return tuple(PlusMinus(None, number) for number in numbers(count))


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (List(numbers(300), "and"), List(numbers(300, 1), "and")),
        (Group("(", ")", numbers(300)), Group("(", ")", numbers(300, 1))),
        (Group("{", "}", numbers(300)), Group("{", "}", numbers(300, 1))),
        (List(signs(150), "and"), List(numbers(2), "and")),
        (
            SetOperation("union", tuple(Group("[", ")", numbers(2, start)) for start in range(300))),
            Group("[", ")", (numbers(1)[0], numbers(1, 300)[0])),
        ),
        (
            List(tuple(Sum((Symbol("x"), number)) for number in numbers(200)), "and"),
            List(tuple(Sum((number, Symbol("x"), Symbol("y"))) for number in numbers(200)[::-1]), "and"),
        ),
        (Relation((Symbol("x"), *numbers(1) * 30_000), ("=",) * 30_000), Symbol("y")),
    ],
)
def test_sizes(gold: Node, answer: Node) -> None:
    try:
        outcome = compare(gold, answer, Options()).outcome.value
    except TooLarge:
        return
    assert outcome == "different"


def test_two_hundred_items_are_compared() -> None:
    gold, answer = List(numbers(200), "and"), List(numbers(200)[::-1], "or")
    assert compare(gold, answer, Options()).outcome.value == "equal"
