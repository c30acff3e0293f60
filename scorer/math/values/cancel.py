"""What is left of two sums when the terms that both have are taken away."""

from collections import Counter
from fractions import Fraction

from scorer.math.syntax.tree import Node, Number, Product, Sum

_Key = frozenset[tuple[Node, int]]


def leftover(left: Node, right: Node) -> Node:
    """left - right with equal terms collected: 1 for `9^{9^9}+1` and `9^{9^9}`, without working out the power."""
    collected: dict[_Key, tuple[Fraction, tuple[Node, ...]]] = {}
    for side, sign in ((left, 1), (right, -1)):
        for coefficient, factors in _terms(side, Fraction(sign)):
            key = frozenset(Counter(factors).items())
            so_far = collected.get(key, (Fraction(0), factors))[0]
            collected[key] = (so_far + coefficient, factors)
    terms = [Product((Number(count), *factors)) for count, factors in collected.values() if count]
    return Sum(tuple(terms)) if terms else Number(Fraction(0))


def _terms(node: Node, coefficient: Fraction) -> list[tuple[Fraction, tuple[Node, ...]]]:
    if isinstance(node, Sum):
        return [part for term in node.terms for part in _terms(term, coefficient)]
    factors: list[Node] = []
    pending: list[Node] = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Product):
            pending.extend(here.factors)
        elif isinstance(here, Number):
            coefficient *= here.value
        else:
            factors.append(here)
    if len(factors) == 1 and isinstance(factors[0], Sum):
        return _terms(factors[0], coefficient)
    return [(coefficient, tuple(factors))]
