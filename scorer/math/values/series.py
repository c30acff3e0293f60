"""Infinite sums with a closed form or a sure bound of what is left out: over 1/k!, 1/k^2, 1/(k(k+1)), (-1)^k/k."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from mpmath import libmp  # type: ignore[import-untyped]

from scorer.math.syntax.tree import Call, Node, Number, Power, Product
from scorer.math.values.arithmetic import Arithmetic, Value
from scorer.math.values.ball import Ball, add, from_fraction, multiply, rounded
from scorer.math.values.errors import Unclear
from scorer.math.values.walk import survey

_MOST_TERMS = 2000
_MOST_FACTORS = 8
_MAX_SHIFT = 1000

Term = Callable[[Node, int], Value]
"""Works out a factor at one value of the variable."""


@dataclass(slots=True)
class Shape:
    """The factors of a term, by what they are in the variable."""

    polynomial: list[Node] = field(default_factory=list)
    geometric: list[Node] = field(default_factory=list)
    below: list[tuple[Node, int]] = field(default_factory=list)
    """Linear factors of the denominator, each with its exponent."""
    factorials: list[Node] = field(default_factory=list)
    """Arguments of factorials in the denominator."""


def shape(body: Node, variable: str, degree: Callable[[Node], int | None], geometric: Callable[[Node], bool]) -> Shape:
    """Sorts the factors of a term.

    Raises:
        Unclear: There is another kind of factor.
    """
    found = Shape()
    pending: list[tuple[Node, int]] = [(body, 1)]
    while pending:
        node, exponent = pending.pop()
        if isinstance(node, Product):
            pending.extend((factor, exponent) for factor in node.factors)
        elif geometric(node):
            found.geometric.append(node if exponent == 1 else Power(node, Number(Fraction(exponent))))
        elif isinstance(node, Power) and (inner := _whole(node.exponent)) is not None:
            pending.append((node.base, exponent * inner))
        elif variable not in survey(node).unknowns or (exponent > 0 and degree(node) is not None):
            found.polynomial.append(node if exponent == 1 else Power(node, Number(Fraction(exponent))))
        elif exponent < 0 and degree(node) == 1:
            found.below.append((node, -exponent))
        elif (
            exponent < 0 and isinstance(node, Call) and node.function == "factorial" and degree(node.arguments[0]) == 1
        ):
            found.factorials += [node.arguments[0]] * -exponent
        else:
            raise Unclear("an infinite sum")
        if len(found.below) + len(found.factorials) > _MOST_FACTORS:
            raise Unclear("an infinite sum")
    return found


def _whole(node: Node) -> int | None:
    if isinstance(node, Number):
        return node.value.numerator if node.value.denominator == 1 and abs(node.value) < _MOST_FACTORS**2 else None
    if isinstance(node, Product) and len(node.factors) == 2 and node.factors[0] == Number(Fraction(-1)):
        inside = _whole(node.factors[1])
        return None if inside is None else -inside
    return None


def linear(term: Term, node: Node, first: int, least: Fraction | None = None) -> tuple[Fraction, Fraction]:
    """Slope and value at the beginning of a linear factor, which must grow, and be positive or at least `least`."""
    start, after = term(node, first), term(node, first + 1)
    if not isinstance(start, Fraction) or not isinstance(after, Fraction) or after <= start:
        raise Unclear("an infinite sum")
    if start <= 0 if least is None else start < least:
        raise Unclear("an infinite sum")
    return after - start, start


def with_factorials(
    of: Arithmetic, term: Term, found: Shape, first: int, degree: int, ratio: Value, powers: Value
) -> Value:
    """`P(k) r^k / (ak+b)!`, term by term until twice the next one bounds all that follow.

    With the differences D_i of P at the first term, `|P(first + j)| <= (1 + j)^degree * sum |D_i|`. From j = degree on,
    this grows by a factor below e from term to term.
    """
    bits = of.precision()
    lines = [linear(term, argument, first, Fraction(0)) for argument in found.factorials]
    if any(value.denominator != 1 or value > _MAX_SHIFT for line in lines for value in line):
        raise Unclear("an infinite sum")
    polynomial = Product((Number(Fraction(1)), *found.polynomial))
    differences = [term(polynomial, first + j) for j in range(degree + 1)]
    size = 0.0
    for _ in range(degree + 1):
        size = max(size, _magnitude(differences[0])) + 1
        differences = [of.difference(after, before) for before, after in itertools.pairwise(differences)]
    growth, by = _magnitude(ratio), _ball(ratio, bits)
    weight = _ball(of.product([powers, *(Fraction(1, math.factorial(int(start))) for _, start in lines)]), bits)
    values: list[Ball] = []
    for j in range(_MOST_TERMS):
        of.spend(of.step)
        values.append(multiply(weight, _ball(term(polynomial, first + j), bits), bits))
        grown = math.prod(int(start + slope * j) + step for slope, start in lines for step in range(1, int(slope) + 1))
        weight = multiply(multiply(weight, by, bits), from_fraction(Fraction(1, grown), bits), bits)
        left_out = size + degree * math.log2(2 + j) + max(weight.magnitude, weight.error) + 4
        if j > degree and growth + 3 < math.log2(grown) and left_out < -bits - 8:
            return add([*values, Ball(libmp.fzero, None, left_out)], bits)  # parts so small hide nothing
    raise Unclear("a series that takes too many terms")


def _ball(value: Value, bits: int) -> Ball:
    return value if isinstance(value, Ball) else from_fraction(value, bits)


def _magnitude(value: Value) -> float:
    if isinstance(value, Ball):
        return max(value.magnitude, value.error) + 2
    return value.numerator.bit_length() - value.denominator.bit_length() + 1


def telescoping(term: Term, found: Shape, first: int) -> Fraction:
    """`1/((k+a)(k+b)...)` with shifts that are whole numbers apart: partial fractions cancel each other."""
    factors = [linear(term, node, first) for node, _ in found.below]
    shifts = [start / slope for slope, start in factors]
    least = min(shifts)
    if len(set(shifts)) < len(shifts) or any((shift - least).denominator != 1 for shift in shifts):
        raise Unclear("an infinite sum")
    if max(shifts) - least > _MAX_SHIFT:
        raise Unclear("an infinite sum")
    total = Fraction(0)
    for shift in shifts:
        weight = 1 / math.prod((other - shift for other in shifts if other != shift), start=Fraction(1))
        total -= weight * sum((1 / (least + step) for step in range(int(shift - least))), start=Fraction(0))
    return total / math.prod((slope for slope, _ in factors), start=Fraction(1))


def of_powers(of: Arithmetic, term: Term, node: Node, exponent: int, first: int) -> Value:
    """`1/(ak+b)^s` with b/a a multiple of a half: the zeta function less the terms before the first."""
    bits = of.precision()
    slope, start = linear(term, node, first)
    begin = start / slope
    if 2 % begin.denominator or begin > _MAX_SHIFT:
        raise Unclear("an infinite sum")
    of.spend(bits >> 3)
    zeta = rounded(libmp.mpf_zeta_int(exponent, bits + 20), None, -bits - 10, bits)
    weight, step = Fraction(1), Fraction(1)
    if begin.denominator == 2:  # over half of the odd numbers
        weight, step = Fraction(2**exponent - 1), Fraction(1, 2)
    before = sum((1 / (step + n) ** exponent for n in range(int(begin - step))), start=Fraction(0))
    return of.product([1 / slope**exponent, of.sum([of.product([weight, zeta]), -before])])


def alternating(of: Arithmetic, term: Term, node: Node, exponent: int, first: int) -> Value:
    """`(-1)^j/(aj+b)^s` from j = 0 on, by the algorithm of Cohen, Rodriguez Villegas and Zagier.

    Its error is at most the first term times `2 / (3+sqrt 8)^n` for n terms, since the terms without signs are moments
    of a positive measure.
    """
    bits = of.precision()
    slope, start = linear(term, node, first)
    count = int(bits / 2.5) + 8
    of.spend(count * (1 + bits // 256))
    scale = bits + 40
    weights = [1, 3]
    for _ in range(count - 1):
        weights = [weights[1], 6 * weights[1] - weights[0]]
    whole = weights[1]  # the Chebyshev polynomial of degree n at 3
    b, c, total = -1, -whole, 0
    for k in range(count):
        c = b - c
        value = (start / (start + slope * k)) ** exponent
        total += c * ((value.numerator << scale) // value.denominator)
        b = 2 * b * (k + count) * (k - count) // ((2 * k + 1) * (k + 1))
    mean = libmp.from_rational(total, whole << scale, bits + 20, "n")
    return of.product([1 / start**exponent, Ball(mean, None, -bits - 12)])
