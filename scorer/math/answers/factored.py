"""Whether an expression is written as a product that cannot be factored further, or as a sum without brackets."""

from fractions import Fraction

import sympy

from scorer.math.syntax.tree import Node, Number, Power, Product, Sum, TooLarge
from scorer.math.values import exact

_MAX_DEGREE = 24
_MAX_UNKNOWNS = 6
_MAX_DIGITS = 40
_MAX_INTEGER = 10**18


def is_factored(node: Node) -> bool:
    """Whether every factor is irreducible over the rationals; of a number: whether every factor is prime.

    Raises:
        TooLarge: A factor is too large to be factored.
    """
    factors = [_base(factor) for factor in (node.factors if isinstance(node, Product) else (node,))]
    if all(isinstance(factor, Number) for factor in factors):
        return all(_is_prime_or_sign(factor) for factor in factors)
    return all(exact(factor) is not None or _is_irreducible(factor) for factor in factors)


def is_expanded(node: Node) -> bool:
    """Whether a sum is nowhere a factor or the base of a power: there are no brackets left."""
    terms = node.terms if isinstance(node, Sum) else (node,)
    return not any(_has_brackets(term) for term in terms)


def _has_brackets(term: Node) -> bool:
    if isinstance(term, Sum):
        return True
    if isinstance(term, Power):
        below = isinstance(term.exponent, Number | Product) and (exact(term.exponent) or 0) < 0
        return isinstance(term.base, Sum | Product) and not term.root and not below
    return isinstance(term, Product) and any(_has_brackets(factor) for factor in term.factors)


def _base(factor: Node) -> Node:
    whole = isinstance(factor, Power) and not factor.root and exact(factor.exponent)
    return factor.base if isinstance(factor, Power) and whole and Fraction(whole).denominator == 1 else factor


def _is_prime_or_sign(factor: Node) -> bool:
    if not isinstance(factor, Number) or factor.value.denominator != 1:
        return False
    value = factor.value.numerator
    if abs(value) > _MAX_INTEGER:
        raise TooLarge("a factor has too many digits")
    return value == -1 or bool(sympy.isprime(value))


def _is_irreducible(factor: Node) -> bool:
    unknowns: dict[Node, sympy.Symbol] = {}
    expression, degree = _polynomial(factor, unknowns)
    if degree > _MAX_DEGREE or len(unknowns) > _MAX_UNKNOWNS:
        raise TooLarge("a factor is too large to be factored")
    if not unknowns:
        return True
    content, found = sympy.factor_list(expression, *unknowns.values())
    primitive = content in (1, -1) or not content.is_Integer
    return primitive and len(found) == 1 and found[0][1] == 1


def _polynomial(node: Node, unknowns: dict[Node, sympy.Symbol]) -> tuple[sympy.Expr, int]:
    """A node as a polynomial and its degree at most; what is no polynomial is an unknown of its own."""
    if isinstance(node, Number):
        if max(abs(node.value.numerator), node.value.denominator) > 10**_MAX_DIGITS:
            raise TooLarge("a coefficient has too many digits")
        return sympy.Rational(node.value.numerator, node.value.denominator), 0
    if isinstance(node, Sum | Product):
        parts = [_polynomial(part, unknowns) for part in (node.terms if isinstance(node, Sum) else node.factors)]
        degrees = [degree for _, degree in parts]
        if isinstance(node, Sum):
            return sympy.Add(*(part for part, _ in parts)), max(degrees)
        return sympy.Mul(*(part for part, _ in parts)), sum(degrees)
    if isinstance(node, Power) and not node.root and isinstance(node.exponent, Number):
        power = node.exponent.value
        if power.denominator == 1 and power >= 0:
            base, degree = _polynomial(node.base, unknowns)
            if max(degree, 1) * power > _MAX_DEGREE:
                raise TooLarge("a factor is too large to be factored")
            return base ** int(power), degree * int(power)
        if power == -1 and isinstance(node.base, Number) and node.base.value:
            return sympy.Rational(node.base.value.denominator, node.base.value.numerator), 0
    return unknowns.setdefault(node, sympy.Symbol(f"u{len(unknowns)}")), 1
