"""Whether two expressions without unknowns have the same value."""

from collections.abc import Callable
from fractions import Fraction

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, TooLarge
from scorer.math.values.arithmetic import MAX_STEPS, Value
from scorer.math.values.ball import Ball
from scorer.math.values.cancel import leftover
from scorer.math.values.errors import Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.integers import check_bits
from scorer.math.values.sizes import size_beyond

FIRST_BITS = 128
CONFIRMED_BITS = 600
"""Values are the same when they agree in this many bits at least ..."""
GAPS = 4
"""... and in this many times the bits by which one part of them is smaller than another."""
MAX_PRECISION = 16_000


def compare(left: Node, right: Node, *, natural_log: bool) -> Outcome:
    """The comparison of two values, by ever more digits until they are apart or beyond doubt.

    Raises:
        TooLarge: One of them would be too much work.
    """
    bits, steps = FIRST_BITS, MAX_STEPS
    while bits <= MAX_PRECISION:
        of = Evaluator(bits, natural_log=natural_log, steps=steps)
        try:
            first, second = _values(of, left, right)
        except Unsettled:
            bits *= 5
            continue
        except Undefined:
            return _one_undefined(left, right, natural_log)
        except Unclear:
            return Outcome.UNKNOWN
        except TooLarge:
            return _by_size(left, right, natural_log)
        steps = of.steps
        outcome = decide(of, first, second)
        if outcome is not Outcome.UNKNOWN:
            return outcome
        if bits == FIRST_BITS and (exactly := _exactly(left, right)) is not Outcome.UNKNOWN:
            return exactly
        bits = max(int(CONFIRMED_BITS + 40 + GAPS * of.gap), bits * 2)
    outcome = _by_leftover(left, right, natural_log)
    if outcome is Outcome.UNKNOWN:
        check_bits(of.gap, MAX_PRECISION // GAPS)
    return outcome


def decide(of: Evaluator, first: Value, second: Value, wanted: int = CONFIRMED_BITS) -> Outcome:
    """What two values at one precision say; UNKNOWN when more digits are needed."""
    gap = of.difference(first, second)
    if isinstance(gap, Fraction):
        return Outcome.DIFFERENT if gap else Outcome.EQUAL
    if gap.nonzero:
        return Outcome.DIFFERENT
    scale = max(size(first), size(second))
    settled = max(gap.error, gap.magnitude) <= scale - wanted and of.precision() >= wanted + GAPS * of.gap
    return Outcome.EQUAL if settled else Outcome.UNKNOWN


def size(value: Value) -> float:
    """The magnitude of a value that is surely not zero; 0 for others, so that zero is a matter of absolute size."""
    if isinstance(value, Ball):
        return value.magnitude if value.nonzero else 0.0
    return value.numerator.bit_length() - value.denominator.bit_length() if value else 0.0


def _values(of: Evaluator, left: Node, right: Node) -> tuple[Value, Value]:
    return of.value(left), of.value(right)


def _exactly(left: Node, right: Node) -> Outcome:
    """The comparison of two rational numbers of any length that is allowed."""
    try:
        first, second = _values(Evaluator(None), left, right)
    except (Unsettled, Undefined, Unclear, TooLarge):
        return Outcome.UNKNOWN
    return Outcome.EQUAL if first == second else Outcome.DIFFERENT


def _one_undefined(left: Node, right: Node, natural_log: bool) -> Outcome:
    """What has no value differs from what has one, and from all that has none for another reason."""
    for side in (left, right):
        try:
            Evaluator(CONFIRMED_BITS, natural_log=natural_log, steps=MAX_STEPS // 4).value(side)
        except Undefined:
            continue
        except (Unsettled, Unclear, TooLarge):
            return Outcome.UNKNOWN
    return Outcome.DIFFERENT


def _by_leftover(left: Node, right: Node, natural_log: bool) -> Outcome:
    """Compares what is left when equal terms are taken away: for values too far apart to be added."""
    return _quietly(lambda: _against_zero(leftover(left, right), natural_log))


def _against_zero(rest: Node, natural_log: bool) -> Outcome:
    value = Evaluator(CONFIRMED_BITS, natural_log=natural_log, steps=MAX_STEPS // 4).value(rest)
    if isinstance(value, Ball):
        return Outcome.DIFFERENT if value.nonzero else Outcome.UNKNOWN
    return Outcome.DIFFERENT if value else Outcome.EQUAL


def _by_size(left: Node, right: Node, natural_log: bool) -> Outcome:
    """Compares when one of them is too large: by what is left of them, or with a small other one."""
    outcome = _by_leftover(left, right, natural_log)
    if outcome is not Outcome.UNKNOWN:
        return outcome
    for large, other in ((left, right), (right, left)):
        least = size_beyond(large)
        outcome = _quietly(lambda other=other, least=least: _surely_below(other, least, natural_log))  # type: ignore[misc]
        if outcome is not Outcome.UNKNOWN:
            return outcome
    raise TooLarge("a value is too large to be worked out")


def _surely_below(other: Node, least: float, natural_log: bool) -> Outcome:
    value = Evaluator(FIRST_BITS, natural_log=natural_log, steps=MAX_STEPS // 4).value(other)
    magnitude = value.magnitude if isinstance(value, Ball) else size(value) + 1
    return Outcome.DIFFERENT if magnitude + 1 < least else Outcome.UNKNOWN


def _quietly(attempt: Callable[[], Outcome]) -> Outcome:
    try:
        return attempt()
    except (Unsettled, Undefined, Unclear, TooLarge):
        return Outcome.UNKNOWN
