"""How large a power tower is at least, without working it out."""

import math

from scorer.math.syntax.tree import Call, Node, Number, Power, Product, Sum


def least_logarithm(node: Node) -> float:
    """A lower bound, 0 or more, of the logarithm to base 2 of what is made of numbers from 1 on; nan for all else."""
    if isinstance(node, Number):
        return math.log2(node.value.numerator) - math.log2(node.value.denominator) if node.value >= 1 else math.nan
    if isinstance(node, Product):
        return sum(least_logarithm(factor) for factor in node.factors)
    if isinstance(node, Sum):
        return sum(bounds) and max(bounds) if (bounds := [least_logarithm(term) for term in node.terms]) else math.nan
    if isinstance(node, Power):
        base, exponent = least_logarithm(node.base), least_logarithm(node.exponent)
        return base * (2.0**exponent if exponent < 1_000 else math.inf) if base else base + exponent * 0
    if isinstance(node, Call) and node.function == "factorial":
        inside = least_logarithm(node.arguments[0])
        return 2.0 ** min(inside, 1_000) if inside >= 2 else math.nan
    return math.nan


def size_beyond(node: Node) -> float:
    """As `least_logarithm`, of the value without its sign."""
    if isinstance(node, Product):
        node = Product(tuple(Number(abs(part.value)) if isinstance(part, Number) else part for part in node.factors))
    return least_logarithm(node)
