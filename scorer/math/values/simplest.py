"""The canonical form of an expression, for people to read in a verdict."""

from fractions import Fraction

from scorer.math.syntax.show import show
from scorer.math.syntax.tree import Call, Node, Number, Power, Product, Sum, TooLarge
from scorer.math.values.integers import bits_of
from scorer.math.values.reals import exact
from scorer.math.values.walk import survey

_SHOWN_BITS = 700
"""Rational numbers up to this long are worked out."""


def simplest(node: Node) -> str:
    """Writes a rational number as a reduced fraction, and anything else with its terms and factors in order.

    Equal expressions need not have the same form; the same form is the same value.
    """
    try:
        survey(node)
    except TooLarge:
        return "an expression too large to be shown"
    return show(_ordered(node))


def _ordered(node: Node) -> Node:
    number = _number(node)
    if number is not None:
        return number
    if isinstance(node, Sum):
        return _sum(node)
    if isinstance(node, Product):
        return _product(node)
    if isinstance(node, Power):
        return Power(_ordered(node.base), _ordered(node.exponent), node.root)
    if isinstance(node, Call):
        return Call(node.function, tuple(_ordered(argument) for argument in node.arguments))
    return node


def _number(node: Node) -> Number | None:
    if not isinstance(node, Number | Sum | Product | Power | Call):
        return None
    try:
        value = exact(node)
    except TooLarge:
        return None
    return None if value is None or bits_of(value) > _SHOWN_BITS else Number(value)


def _sum(node: Sum) -> Node:
    total = Fraction(0)
    terms: list[Node] = []
    for term in (_ordered(term) for term in node.terms):
        for part in term.terms if isinstance(term, Sum) else (term,):
            if isinstance(part, Number):
                total += part.value
            else:
                terms.append(part)
    terms.sort(key=show)
    if total:
        terms.append(Number(total))
    return Sum(tuple(terms)) if len(terms) > 1 else terms[0] if terms else Number(total)


def _product(node: Product) -> Node:
    coefficient = Fraction(1)
    factors: list[Node] = []
    for factor in (_ordered(factor) for factor in node.factors):
        for part in factor.factors if isinstance(factor, Product) else (factor,):
            if isinstance(part, Number):
                coefficient *= part.value
            else:
                factors.append(part)
    factors.sort(key=show)
    if coefficient != 1 or not factors:
        factors.insert(0, Number(coefficient))
    return Product(tuple(factors)) if len(factors) > 1 else factors[0]
