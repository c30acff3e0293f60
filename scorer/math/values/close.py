"""Whether a number is within the tolerance of another."""

import math
from fractions import Fraction

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, TooLarge
from scorer.math.values.arithmetic import Value
from scorer.math.values.ball import Ball
from scorer.math.values.constants import FIRST_BITS
from scorer.math.values.errors import Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.functions import absolute
from scorer.math.values.same import same


def close(gold: Node, answer: Node, absolute_tolerance: float, relative_tolerance: float) -> Outcome:
    """Whether `|answer - gold|` is at most the larger of `absolute_tolerance` and `relative_tolerance * |gold|`.

    Args:
        gold: A real or complex number.
        answer: The same.
        absolute_tolerance: From 0 on.
        relative_tolerance: From 0 on.

    Raises:
        TooLarge: It takes too much work.
    """
    outcome = same(gold, answer)
    if outcome is Outcome.EQUAL:
        return outcome
    if not all(math.isfinite(tolerance) and tolerance >= 0 for tolerance in (absolute_tolerance, relative_tolerance)):
        return outcome
    try:
        return _within(gold, answer, Fraction(str(absolute_tolerance)), Fraction(str(relative_tolerance)))
    except (Undefined, Unclear):
        return outcome
    except Unsettled:
        return Outcome.UNKNOWN
    except TooLarge:
        if outcome is Outcome.DIFFERENT and relative_tolerance < 1:
            return Outcome.UNKNOWN
        raise


def _within(gold: Node, answer: Node, absolutely: Fraction, relatively: Fraction) -> Outcome:
    """The comparison of exact decimals, so that 0.1 of tolerance is a tenth: at the edge is within."""
    for bits in (FIRST_BITS, FIRST_BITS * 4):
        of = Evaluator(bits)
        wanted, found = of.value(gold), of.value(answer)
        distance = _size(of, of.difference(found, wanted))
        slack = _size(of, wanted)
        for allowed in (absolutely, of.product([relatively, slack])):
            room = of.difference(allowed, distance)
            if isinstance(room, Fraction) and room >= 0:
                return Outcome.EQUAL
            if isinstance(room, Ball) and room.nonzero and not room.real[0]:
                return Outcome.EQUAL
            if isinstance(room, Ball) and not room.nonzero:
                break
        else:
            return Outcome.DIFFERENT
    return Outcome.EQUAL  # at the edge, as far as hundreds of digits can tell


def _size(of: Evaluator, value: Value) -> Value:
    return abs(value) if isinstance(value, Fraction) else absolute(value, of.precision())
