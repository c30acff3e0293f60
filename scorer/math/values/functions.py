"""Roots, exponentials, logarithms and trigonometric functions of balls, with the error that each may have.

An error is carried on by a bound of the derivative, which holds because the functions refuse balls that reach a place
where it would not.
"""

from fractions import Fraction
from typing import Any

from mpmath import libmp  # type: ignore[import-untyped]

from scorer.math.syntax.tree import TooLarge
from scorer.math.values.ball import (
    EXACT,
    ROUND,
    Ball,
    from_fraction,
    known_nonzero,
    magnitude,
    multiply,
    widen,
)
from scorer.math.values.errors import Ambiguous, Unclear, Undefined, Unsettled

MAX_ANGLE = 2_000
"""Angles from 2 to this on are not reduced: it would take that many digits of pi."""
_GUARD = 10


def pi(bits: int) -> Ball:
    """The number pi."""
    return Ball(libmp.mpf_pi(bits), None, 2 - bits)


def exponential(x: Ball, bits: int) -> Ball:
    """e to the power of x.

    Raises:
        TooLarge: the result is outside of all reason.
        Unsettled: x is not known well enough.
    """
    if x.magnitude > 62:
        raise TooLarge("a power is too large or too small")
    if x.error > -2:
        raise Unsettled("an exponent that is not known well enough")
    if x.imaginary is None:
        real = libmp.mpf_exp(x.real, bits, ROUND)
        return Ball(real, None, widen(magnitude(real) + x.error + 1, magnitude(real) - bits))
    real, imaginary = libmp.mpc_exp((x.real, x.imaginary), bits, ROUND)
    size = magnitude(libmp.mpf_exp(x.real, 20, ROUND))
    return Ball(real, imaginary, widen(size + x.error + 1, size - bits + 1))


def logarithm(x: Ball, bits: int) -> Ball:
    """The natural logarithm, principal value.

    Raises:
        Undefined: x is zero.
        Unsettled: x may be zero, or on either side of the negative axis.
    """
    known_nonzero(x)
    error = x.error - (x.magnitude - 1) + 1
    sign = x.real[0]
    if x.imaginary is None:
        real = libmp.mpf_log(libmp.mpf_abs(x.real), bits, ROUND)
        error = widen(error, magnitude(real) - bits)
        return Ball(real, libmp.mpf_pi(bits) if sign else None, widen(error, 2 - bits) if sign else error)
    if sign and magnitude(x.imaginary) - 1 <= x.error:
        raise Unsettled("a logarithm next to the negative axis")
    real, imaginary = libmp.mpc_log((x.real, x.imaginary), bits, ROUND)
    return Ball(real, imaginary, widen(error, max(magnitude(real), 2) - bits + 1))


def root(x: Ball, degree: int, bits: int) -> Ball:
    """The root of a real ball that is not negative.

    Raises:
        Undefined: x is negative.
    """
    if x.magnitude - 1 <= x.error or not x.real[1]:  # zero, or next to it
        error = max(x.magnitude, x.error) + 1
        return Ball(libmp.fzero, None, EXACT if error == EXACT else error / degree + 1)
    if x.real[0]:
        raise Undefined("an even root of a negative number")
    if degree == 2:
        real = libmp.mpf_sqrt(x.real, bits, ROUND)
    elif degree <= 200:
        real = libmp.mpf_nthroot(x.real, degree, bits, ROUND)
    else:
        return exponential(multiply(logarithm(x, bits + _GUARD), from_fraction(Fraction(1, degree), bits), bits), bits)
    # The relative error shrinks by the degree; 2 more for the distance of the ball from its middle.
    error = magnitude(real) + x.error - (x.magnitude - 1) + 2 - (degree.bit_length() - 1)
    return Ball(real, None, widen(error, magnitude(real) - bits))


def power(x: Ball, y: Ball, bits: int) -> Ball:
    """`x ** y`, principal value.

    Raises:
        TooLarge: the result is outside of all reason.
        Undefined: x is zero.
        Unsettled: x or y is not known well enough.
    """
    if y.magnitude > 80:
        raise TooLarge("an exponent is too large")
    working = bits + int(max(y.magnitude, 0)) + _GUARD
    return exponential(multiply(logarithm(x, working), y, working), bits)


def sine_cosine(x: Ball, bits: int) -> tuple[Ball, Ball]:
    """The cosine and the sine, in this order.

    Raises:
        TooLarge: x is too large to be reduced.
    """
    if x.magnitude > MAX_ANGLE:
        raise TooLarge("an angle is too large")
    growth = 0
    if x.imaginary is not None:
        if magnitude(x.imaginary) > 16:
            raise TooLarge("a complex angle is too large")
        growth = int(2 ** max(magnitude(x.imaginary), 0) * 1.5) + 1
    if x.error > 0:
        raise Unsettled("an angle that is not known well enough")
    if x.imaginary is None:
        cosine, sine = libmp.mpf_cos_sin(x.real, bits, ROUND)
        return (
            Ball(cosine, None, widen(x.error, magnitude(cosine) - bits)),
            Ball(sine, None, widen(x.error, magnitude(sine) - bits)),
        )
    both: Any = libmp.mpc_cos_sin((x.real, x.imaginary), bits, ROUND)
    error = widen(x.error + growth + 1, growth - bits + 1)
    return Ball(both[0][0], both[0][1], error), Ball(both[1][0], both[1][1], error)


def arctangent(x: Ball, bits: int) -> Ball:
    """The angle between -pi/2 and pi/2 with this tangent. Raises `Unclear` for complex numbers."""
    _only_real(x)
    real = libmp.mpf_atan(x.real, bits, ROUND)
    return Ball(real, None, widen(x.error, magnitude(real) - bits))


def arcsine(x: Ball, bits: int) -> Ball:
    """The angle between -pi/2 and pi/2 with this sine. Raises `Unclear` when it is not real."""
    _only_real(x)
    one = libmp.fone
    beyond = libmp.mpf_sub(libmp.mpf_abs(x.real), one, bits, ROUND)
    if magnitude(beyond) - 3 <= x.error:  # next to 1 the slope is infinite, but the error no more than its root
        real = libmp.mpf_asin(libmp.mpf_neg(one) if x.real[0] else one, bits, ROUND)
        error = EXACT if x.exact else max(magnitude(beyond), x.error) / 2 + 3
    elif not beyond[0] and beyond[1]:
        raise Ambiguous("the angle of a sine above 1")
    else:
        real = libmp.mpf_asin(x.real, bits, ROUND)
        error = x.error - (magnitude(beyond) - 1) / 2 + 2
    return Ball(real, None, widen(error, magnitude(real) - bits))


def absolute(x: Ball, bits: int) -> Ball:
    """The distance from zero."""
    if x.imaginary is None:
        return Ball(libmp.mpf_abs(x.real), None, x.error)
    real = libmp.mpf_hypot(x.real, x.imaginary, bits, ROUND)
    return Ball(real, None, widen(x.error, magnitude(real) - bits))


def argument(x: Ball, bits: int) -> Ball:
    """The angle of a complex number, above -pi and up to pi. Raises `Unsettled` next to the negative axis."""
    known_nonzero(x)
    if x.imaginary is None:
        return pi(bits) if x.real[0] else Ball(libmp.fzero)
    if x.real[0] and magnitude(x.imaginary) - 1 <= x.error:
        raise Unsettled("an angle next to the negative axis")
    real = libmp.mpf_atan2(x.imaginary, x.real, bits, ROUND)
    return Ball(real, None, widen(x.error - x.magnitude + 3, 2 - bits))


def gamma(x: Ball, bits: int) -> Ball:
    """The gamma function of real numbers from 1/2 on. Raises `Unclear` for others, `TooLarge` for huge ones."""
    _only_real(x)
    if x.real[0] or x.magnitude < 0:
        raise Ambiguous("a factorial of a negative number")
    if x.magnitude > 56 or bits > 6_000:
        raise TooLarge("a factorial is too large")
    if x.error > -4:
        raise Unsettled("a factorial of a number that is not known well enough")
    real = libmp.mpf_gamma(x.real, bits, ROUND)
    slope = int(max(x.magnitude, 1)).bit_length() + 1
    return Ball(real, None, widen(magnitude(real) + slope + x.error + 1, magnitude(real) - bits))


def nearest_integers(x: Ball) -> int:
    """The floor of a real number. Raises `Unsettled` when it may be on either side of an integer."""
    _only_real(x)
    if x.magnitude > 100_000:
        raise TooLarge("a number to be rounded is too large")
    below = int(libmp.to_int(libmp.mpf_floor(x.real)))
    if not x.exact:
        for integer in (below, below + 1):
            distance = libmp.mpf_sub(x.real, libmp.from_int(integer))
            if magnitude(distance) - 1 <= x.error:
                raise Unsettled("a number next to an integer")
    return below


def _only_real(x: Ball) -> None:
    if x.imaginary is not None:
        raise Unclear("a function of a complex number")
