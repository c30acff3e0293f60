"""Decimals to the precision of a machine: 0.0833333333333333 is how a program prints 1/12."""

from fractions import Fraction

from scorer.math.answers.trees import MINUS_ONE
from scorer.math.syntax.tree import Node, Number, Product
from scorer.math.values import exact

_DIGITS = 15
"""Significant digits from which on a decimal is taken for the number that it was printed for."""
_MOST_PLACES = 40
_FLOAT = 16
"""How far, in the last place, a floating-point number may be from what it was printed for."""
_OVERFLOW = 2**1023
"""From about here on no number has a floating-point one beside it."""
_LARGEST = 1000
"""Denominator up to which a fraction is taken for that number."""


def equal(gold: Node, answer: Node) -> bool:
    """Whether one of two is a long decimal and the other the simple fraction, endless as a decimal, that it is."""
    return _is_printed(gold, answer) or _is_printed(answer, gold)


def _is_printed(written: Node, meant: Node) -> bool:
    factors = written.factors if isinstance(written, Product) else (written,)
    last = factors[-1]
    if not isinstance(last, Number) or not last.decimal or any(factor != MINUS_ONE for factor in factors[:-1]):
        return False
    places = _places(last.value)
    if places is None or len(str(int(abs(last.value) * 10**places))) < _DIGITS:
        return False
    value, printed = exact(meant), last.value * (-1) ** (len(factors) - 1)
    if value is None or value.denominator > _LARGEST or _places(value) is not None:
        return False
    off = abs(printed - value) * 10**places
    if off <= Fraction(1, 2):
        return True
    return off < _FLOAT and abs(value) < _OVERFLOW and float(printed) == float(value)


def _places(value: Fraction) -> int | None:
    """How many decimal places a number has; None when they do not end."""
    return next((places for places in range(_MOST_PLACES) if 10**places % value.denominator == 0), None)
