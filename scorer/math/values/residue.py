"""Whole numbers modulo another, without working out the numbers."""

import math
from collections.abc import Callable
from fractions import Fraction

from scorer.math.syntax.tree import Call, Node, Number, Power, Product, Sum

_MAX_MODULUS_BITS = 2_000
_MAX_FACTORIAL = 20_000
_MAX_DEPTH = 20


def residue(node: Node, modulus: int, spend: Callable[[int], None], depth: int = 0) -> int | None:
    """The residue of sums, products, powers and factorials of whole numbers; None for anything else.

    Args:
        node: An expression.
        modulus: The number to divide by.
        spend: Told of the work, see `Arithmetic.spend`.
        depth: How deep in an expression this one is.

    Raises:
        TooLarge: It is too much work.
    """
    if modulus < 1 or modulus.bit_length() > _MAX_MODULUS_BITS or depth > _MAX_DEPTH:
        return None
    if isinstance(node, Number):
        return node.value.numerator % modulus if node.value.denominator == 1 else None
    if isinstance(node, Sum | Product):
        result = 0 if isinstance(node, Sum) else 1
        for part in node.terms if isinstance(node, Sum) else node.factors:
            inside = residue(part, modulus, spend, depth + 1)
            if inside is None:
                return None
            result = (result + inside if isinstance(node, Sum) else result * inside) % modulus
        return result
    if isinstance(node, Power) and not node.root:
        return _power(node, modulus, spend, depth)
    if isinstance(node, Call) and node.function == "factorial":
        n = _small(node.arguments[0])
        if n is None or n > _MAX_FACTORIAL:
            return 0 if n is not None and n >= modulus else None
        result = 1
        spend(n * (modulus.bit_length() + 64) >> 9)
        for factor in range(2, n + 1):
            result = result * factor % modulus
        return result
    return None


def _power(node: Power, modulus: int, spend: Callable[[int], None], depth: int) -> int | None:
    base = residue(node.base, modulus, spend, depth + 1)
    if base is None:
        return None
    exponent = _small(node.exponent)
    if exponent is not None:
        spend(exponent.bit_length() * modulus.bit_length() >> 11)
        return pow(base, exponent, modulus)
    # A tower: the exponent matters modulo the length of the cycle, which begins before `modulus.bit_length()` steps.
    if modulus.bit_length() > 32 or not _is_tower(node.exponent):
        return None
    spend(math.isqrt(modulus) >> 5)
    phi = _totient(modulus)
    reduced = residue(node.exponent, phi, spend, depth + 1)
    return None if reduced is None else pow(base, reduced + phi * modulus.bit_length(), modulus)


def _is_tower(node: Node) -> bool:
    """Whether this is surely a whole number above any bit length that is used here."""
    if not isinstance(node, Power) or node.root or not isinstance(node.base, Number):
        return False
    whole = node.base.value.denominator == 1 and node.base.value >= 2
    exponent = _small(node.exponent)
    return whole and (_is_tower(node.exponent) if exponent is None else exponent >= 64)


def _small(node: Node) -> int | None:
    """A whole number from 0 on of less than 4,000 bits."""
    if isinstance(node, Number):
        value: Fraction = node.value
        return (
            value.numerator if value.denominator == 1 and value >= 0 and value.numerator.bit_length() < 4_000 else None
        )
    if isinstance(node, Power) and not node.root:
        base, exponent = _small(node.base), _small(node.exponent)
        if base is not None and exponent is not None and base.bit_length() * exponent < 4_000:
            return int(base**exponent)
    return None


def _totient(n: int) -> int:
    result, factor = n, 2
    while factor * factor <= n:
        if n % factor == 0:
            while n % factor == 0:
                n //= factor
            result -= result // factor
        factor += 1
    return result - result // n if n > 1 else result
