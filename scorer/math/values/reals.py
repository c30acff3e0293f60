"""Single numbers: the exact value, digits of it, and which of two is larger."""

from fractions import Fraction
from typing import Any

from mpmath import mp  # type: ignore[import-untyped]

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node
from scorer.math.values import constants
from scorer.math.values.ball import Ball
from scorer.math.values.errors import Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.infinity import infinite_sign
from scorer.math.values.walk import survey


def exact(node: Node) -> Fraction | None:
    """The value of an expression that is rational because all its parts are; None for any other.

    Raises:
        TooLarge: The value has more than `integers.MAX_BITS` bits, or takes too much work.
    """
    survey(node)
    try:
        value = Evaluator(None).value(node)
    except (Undefined, Unclear, Unsettled):
        return None
    return value if isinstance(value, Fraction) else None


def approximate(node: Node, digits: int = 30) -> Any | None:
    """An `mpmath.mpf` or `mpmath.mpc` with so many digits right; None for what has no value or cannot be settled.

    Logarithms without a base are to base 10.

    Raises:
        TooLarge: It takes too much work.
    """
    survey(node)
    wanted = int(digits * 3.33) + 4
    bits = max(constants.FIRST_BITS, wanted + 32)
    while bits <= constants.MAX_PRECISION:
        try:
            of = Evaluator(bits)
            ball = of.ball(of.value(node))
        except Unsettled:
            bits *= 4
            continue
        except (Undefined, Unclear):
            return None
        if ball.error <= (ball.magnitude if ball.nonzero else 0) - wanted:
            return mp.make_mpf(ball.real) if ball.imaginary is None else mp.make_mpc((ball.real, ball.imaginary))
        bits *= 4
    return None


def order(left: Node, right: Node) -> int | None:
    """The sign of left - right, of real numbers or infinity; None when it is not known or there is no order.

    Raises:
        TooLarge: It takes too much work.
    """
    survey(left), survey(right)
    try:
        signs = infinite_sign(left), infinite_sign(right)
        if any(signs):
            return _sign(Fraction(signs[0] - signs[1])) if all(signs) or _is_real(right if signs[0] else left) else None
        bits = constants.FIRST_BITS
        while bits <= constants.CONFIRMED_BITS * 4:
            of = Evaluator(bits)
            values = of.value(left), of.value(right)
            if any(isinstance(value, Ball) and value.imaginary is not None for value in values):
                return None
            gap = of.difference(*values)
            if isinstance(gap, Fraction) or gap.nonzero:
                return _sign(gap)
            bits *= 4
        return 0 if constants.compare(left, right, natural_log=False) is Outcome.EQUAL else None
    except (Undefined, Unclear, Unsettled):
        return None


def _is_real(node: Node) -> bool:
    value = Evaluator(constants.FIRST_BITS).value(node)
    return isinstance(value, Fraction) or value.imaginary is None


def _sign(value: Fraction | Ball) -> int:
    if isinstance(value, Ball):
        return -1 if value.real[0] else 1
    return (value > 0) - (value < 0)
