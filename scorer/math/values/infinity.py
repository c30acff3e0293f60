"""Infinity and minus infinity, as far as they are answers."""

import math

from scorer.math.syntax.tree import Constant, Node, Product, Sum
from scorer.math.values.ball import Ball
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.walk import survey


def infinite_sign(node: Node) -> int:
    """1 or -1 for an infinite value, 0 for anything else, such as infinity minus infinity.

    Raises:
        Undefined: A finite part has no value.
        Unsettled: The precision does not do for a finite part.
        Unclear: A finite part is no real number that is known.
        TooLarge: A finite part would be too much work.
    """
    if isinstance(node, Constant):
        return 1 if node.name == "infinity" else 0
    if not isinstance(node, Product | Sum):
        return 0
    parts = node.factors if isinstance(node, Product) else node.terms
    signs = [infinite_sign(part) for part in parts]
    if not any(signs):
        return 0
    finite = [_finite_sign(part) for part, sign in zip(parts, signs, strict=True) if not sign]
    infinite = [sign for sign in signs if sign]
    if isinstance(node, Product):
        return math.prod(infinite) * math.prod(finite)
    return infinite[0] if len(set(infinite)) == 1 else 0


def _finite_sign(node: Node) -> int:
    """The sign of a real number; 0 for zero, other numbers and what has infinity in it."""
    if "infinity" in survey(node).constants:
        return 0
    value = Evaluator(128).value(node)
    if isinstance(value, Ball):
        return 0 if value.imaginary is not None or not value.nonzero else -1 if value.real[0] else 1
    return (value > 0) - (value < 0)
