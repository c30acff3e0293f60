"""Functions of whole numbers, and how long their results are before they are worked out."""

import math
from fractions import Fraction

from mpmath import libmp  # type: ignore[import-untyped]

from scorer.math.syntax.tree import TooLarge

MAX_BITS = 200_000
"""The longest rational number that is worked with."""
_PRIME = 2**61 - 1


def check_bits(bits: float, limit: int) -> None:
    """Refuses a result by its length.

    Raises:
        TooLarge: it would be too long.
    """
    if bits > limit:
        raise TooLarge(f"a number of more than {limit} bits")


def bits_of(value: Fraction | int) -> int:
    """The length of a rational number."""
    return value.numerator.bit_length() + value.denominator.bit_length()


def factorial(n: int, limit: int = MAX_BITS) -> int:
    """n! of n from 0 on."""
    check_bits(n * max(n.bit_length() - 1, 1), limit)
    return math.factorial(n)


def double_factorial(n: int, limit: int = MAX_BITS) -> int:
    """n!! of n from -1 on."""
    check_bits(n * max(n.bit_length() - 1, 1) / 2, limit)
    return math.prod(range(n, 0, -2))


def permutations(n: Fraction, k: int, limit: int = MAX_BITS) -> Fraction:
    """n(n-1)...(n-k+1), of k factors."""
    check_bits(k * max(bits_of(n), k.bit_length()), limit)
    if n.denominator == 1:
        return Fraction(math.perm(n.numerator, k) if n >= 0 else math.prod(n.numerator - j for j in range(k)))
    return Fraction(math.prod(n.numerator - j * n.denominator for j in range(k)), n.denominator**k)


def binomial(n: Fraction, k: int, limit: int = MAX_BITS) -> Fraction:
    """n over k, zero for negative k. It takes longer than a product of the same length."""
    if k < 0:
        return Fraction(0)
    if n.denominator == 1 and n >= 0:
        below = min(k, n.numerator - k)
        if below < 0:
            return Fraction(0)
        check_bits(min(n.numerator, below * n.numerator.bit_length()), limit // 4)
        return Fraction(math.comb(n.numerator, k))
    return permutations(n, k, limit) / factorial(k, limit)


def exact_root(value: Fraction, degree: int) -> Fraction | None:
    """The root of a number that is not negative, when it is rational."""
    if degree > max(bits_of(value), 2):
        return value if value in (0, 1) else None
    above, below = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
    return None if above is None or below is None else Fraction(above, below)


def _whole_root(n: int, degree: int) -> int | None:
    if n < 2:
        return n
    if degree == 2:
        guess = math.isqrt(n)
        return guess if guess * guess == n else None
    root = libmp.mpf_nthroot(libmp.from_int(n), degree, n.bit_length() // degree + 40)
    guess = int(libmp.to_int(libmp.mpf_add(root, libmp.fhalf)))
    return guess if pow(guess, degree, _PRIME) == n % _PRIME and guess**degree == n else None
