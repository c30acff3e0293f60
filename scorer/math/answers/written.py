"""How one value is written for people."""

from scorer.math import values
from scorer.math.answers.trees import is_expression
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import Node

_MAX_DIGITS = 100


def written(node: Node) -> str:
    """Rational numbers in lowest terms, anything else with its terms and factors in order."""
    value = values.exact(node) if is_expression(node) else None
    if value is None or max(abs(value.numerator), value.denominator) >= 10**_MAX_DIGITS:
        return values.simplest(node) if is_expression(node) else show(node)
    return str(value)
