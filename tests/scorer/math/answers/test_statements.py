"""Statements in their spellings."""

import pytest

from scorer.math.answers.spoken import spoken
from scorer.math.answers.statements import statement


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("No such integer exists", "no solution"),
        (r"\varnothing", "no solution"),
        ("the empty set", "no solution"),
        ("the equation has no solution", "no solution"),
        ("no real roots", "no real solution"),
        ("D.N.E.", "does not exist"),
        ("The limit does not exist.", "does not exist"),
        ("an infinite number of solutions", "infinity"),
        (r"+\infty", "infinity"),
        ("minus infinity", "-infinity"),
        ("They are the same", "equal"),
        ("neither even nor odd", "neither"),
        ("The series converges.", "convergent"),
        ("divergent", "divergent"),
        ("converges absolutely", ""),
        ("x", ""),
        ("no", "no"),
        ("solution", ""),
        ("no " * 60, ""),
    ],
)
def test_statement(text: str, name: str) -> None:
    assert statement(spoken(text)) == name
