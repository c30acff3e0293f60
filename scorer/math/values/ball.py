"""Numbers that know how wrong they may be: a complex or real value and a bound of its absolute error.

Whoever compares two such balls knows whether they differ, which no fixed number of digits can tell. Built on the pure
functions of `mpmath.libmp`, so that there is no shared state. Errors are kept as powers of two, rounded up.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mpmath import libmp  # type: ignore[import-untyped]

from scorer.math.syntax.tree import TooLarge
from scorer.math.values.errors import Undefined, Unsettled

Real = Any
"""A real number as `mpmath.libmp` has it: sign, mantissa, exponent, bits of the mantissa."""

EXACT = -math.inf
"""The exponent of no error at all."""
MAX_EXPONENT = 1 << 64
"""Values above 2 to this, or below its inverse, are not worked with."""
ROUND = libmp.round_nearest


@dataclass(frozen=True, slots=True)
class Ball:
    """All complex numbers not further than `2**error` from a middle. Real numbers have no imaginary part at all."""

    real: Real
    imaginary: Real | None = None
    error: float = EXACT

    @property
    def magnitude(self) -> float:
        """The least m with both parts of the middle below `2**m`; minus infinity for zero."""
        if self.imaginary is None:
            return magnitude(self.real)
        return max(magnitude(self.real), magnitude(self.imaginary))

    @property
    def nonzero(self) -> bool:
        """Whether zero is surely not in it."""
        return self.magnitude - 1 > self.error

    @property
    def exact(self) -> bool:
        """Whether the middle is the value."""
        return self.error == EXACT


def magnitude(real: Real) -> float:
    """The least m with `|real| < 2**m`; minus infinity for zero."""
    return real[2] + real[3] if real[1] else -math.inf


def from_fraction(value: Fraction | int, bits: int) -> Ball:
    """The ball around a rational number."""
    if isinstance(value, int) or value.denominator == 1:
        return rounded(libmp.from_int(int(value)), None, EXACT, bits)
    real = libmp.from_rational(value.numerator, value.denominator, bits, ROUND)
    exact = value.denominator & (value.denominator - 1) == 0 and value.numerator.bit_length() <= bits
    return Ball(real, None, EXACT if exact else magnitude(real) - bits)


def rounded(real: Real, imaginary: Real | None, error: float, bits: int) -> Ball:
    """A ball with its middle cut to so many bits."""
    if real[3] > bits:
        real = libmp.mpf_pos(real, bits, ROUND)
        error = widen(error, magnitude(real) - bits)
    if imaginary is not None and imaginary[3] > bits:
        imaginary = libmp.mpf_pos(imaginary, bits, ROUND)
        error = widen(error, magnitude(imaginary) - bits)
    if imaginary is not None and error == EXACT and not imaginary[1]:
        imaginary = None
    return Ball(real, imaginary, error)


def widen(*errors: float) -> float:
    """The exponent of the sum of errors."""
    top = max(errors)
    count = sum(1 for error in errors if error != EXACT)
    return top + (count - 1).bit_length() if count > 1 else top


def negate(x: Ball) -> Ball:
    """-x."""
    return Ball(libmp.mpf_neg(x.real), None if x.imaginary is None else libmp.mpf_neg(x.imaginary), x.error)


def add(items: list[Ball], bits: int) -> Ball:
    """The sum of one or more balls."""
    total = items[0]
    for item in items[1:]:
        real, first = _plus(total.real, item.real, bits)
        imaginary, second = total.imaginary, EXACT
        if item.imaginary is not None:
            imaginary, second = _plus(total.imaginary or libmp.fzero, item.imaginary, bits)
        total = rounded(real, imaginary, widen(total.error, item.error, first, second), bits)
    return total


def subtract(x: Ball, y: Ball, bits: int) -> Ball:
    """x - y."""
    return add([x, negate(y)], bits)


def _plus(x: Real, y: Real, bits: int) -> tuple[Real, float]:
    """The sum and its error; exact when the two are of about the same size, and never long."""
    if not x[1] or not y[1]:
        return (y if not x[1] else x), EXACT
    if abs(x[2] - y[2]) <= 2 * bits:
        return libmp.mpf_add(x, y), EXACT
    total = libmp.mpf_add(x, y, bits, ROUND)
    return total, magnitude(total) - bits


def multiply(x: Ball, y: Ball, bits: int) -> Ball:
    """x * y."""
    errors = [x.error + y.error]
    if y.error != EXACT:
        errors.append(x.magnitude + (x.imaginary is not None) + y.error)
    if x.error != EXACT:
        errors.append(y.magnitude + (y.imaginary is not None) + x.error)
    if x.imaginary is None and y.imaginary is None:
        return rounded(libmp.mpf_mul(x.real, y.real), None, widen(*errors), bits)
    a, b, c, d = x.real, x.imaginary or libmp.fzero, y.real, y.imaginary or libmp.fzero
    real, first = _plus(libmp.mpf_mul(a, c), libmp.mpf_neg(libmp.mpf_mul(b, d)), bits)
    imaginary, second = _plus(libmp.mpf_mul(a, d), libmp.mpf_mul(b, c), bits)
    return rounded(real, imaginary, widen(first, second, *errors), bits)


def invert(x: Ball, bits: int) -> Ball:
    """1 / x.

    Raises:
        Undefined: x is zero.
        Unsettled: x may be zero.
    """
    known_nonzero(x)
    least = x.magnitude - 1
    error = x.error - 2 * least + 2
    if x.imaginary is None:
        real = libmp.mpf_div(libmp.fone, x.real, bits, ROUND)
        exact = x.exact and x.real[1] == 1
        return Ball(real, None, EXACT if exact else widen(error, magnitude(real) - bits))
    square = libmp.mpf_add(libmp.mpf_mul(x.real, x.real), libmp.mpf_mul(x.imaginary, x.imaginary), bits + 4, ROUND)
    real = libmp.mpf_div(x.real, square, bits, ROUND)
    imaginary = libmp.mpf_div(libmp.mpf_neg(x.imaginary), square, bits, ROUND)
    return Ball(real, imaginary, widen(error, max(magnitude(real), magnitude(imaginary)) - bits + 1))


def known_nonzero(x: Ball) -> None:
    """Checks that zero is well outside.

    Raises:
        Undefined: x is zero.
        Unsettled: x may be zero.
    """
    if x.exact and not x.real[1] and x.imaginary is None:
        raise Undefined("a division by zero, or a logarithm of it")
    if x.magnitude - 4 <= x.error:
        raise Unsettled("a value that may be zero")


def integer_power(x: Ball, exponent: int, bits: int) -> Ball:
    """`x ** exponent` by repeated squaring.

    Raises:
        TooLarge: the result is outside of all reason.
        Undefined: zero to a negative power.
        Unsettled: x may be zero and the exponent is negative.
    """
    if exponent < 0:
        return invert(integer_power(x, -exponent, bits + 8), bits)
    if x.magnitude not in (0, 1, -math.inf) and abs(x.magnitude) * exponent > MAX_EXPONENT:
        raise TooLarge("a power is too large or too small")
    if exponent.bit_length() > 64:
        raise TooLarge("an exponent is too large")
    working = bits + 2 * exponent.bit_length() + 8
    result, square = from_fraction(1, working), x
    while exponent:
        if exponent & 1:
            result = multiply(result, square, working)
        exponent >>= 1
        if exponent:
            square = multiply(square, square, working)
    return rounded(result.real, result.imaginary, result.error, bits)
