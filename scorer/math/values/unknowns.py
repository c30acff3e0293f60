"""Whether two expressions with unknowns are the same, by their values at a number of points.

Two that differ do so at nearly every point, and a point where they surely differ decides. Two that agree at all of the
first points must agree, at other points, to hundreds of digits. Points at which one of the two has no value, or in an
expression without i no real one, do not count: `2\\ln x` is `\\ln x^2` wherever both are defined.
"""

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, TooLarge
from scorer.math.values.arithmetic import Value
from scorer.math.values.constants import GAPS, MAX_PRECISION, decide
from scorer.math.values.errors import Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.points import points
from scorer.math.values.walk import Survey

FIRST_BITS = 128
_FIRST_AGREED = 60
CONFIRMED_BITS = 400
FIRST_POINTS = 8
CONFIRMING_POINTS = 4
_CANDIDATES = 60


def compare(left: Node, right: Node, about_left: Survey, about_right: Survey, *, natural_log: bool) -> Outcome:
    """The comparison of two expressions of which at least one has unknowns.

    Raises:
        TooLarge: They would be too much work everywhere.
    """
    with_complex = "i" in about_left.constants or "i" in about_right.constants
    agreed, gap, too_large = 0, 0.0, 0
    for point in points(about_left, about_right, _CANDIDATES):
        confirming = agreed >= FIRST_POINTS
        wanted = CONFIRMED_BITS if confirming else _FIRST_AGREED
        try:
            outcome, gap = _at(point, left, right, wanted, gap, with_complex, natural_log)
        except (Undefined, Unsettled):
            continue
        except Unclear:
            return Outcome.UNKNOWN
        except TooLarge:
            too_large += 1
            if too_large > 5:
                raise
            continue
        if outcome is Outcome.DIFFERENT:
            return outcome
        agreed += outcome is Outcome.EQUAL
        if agreed == FIRST_POINTS + CONFIRMING_POINTS:
            return Outcome.EQUAL
    return Outcome.UNKNOWN


def _at(
    point: dict[str, Value], left: Node, right: Node, wanted: int, gap: float, with_complex: bool, natural_log: bool
) -> tuple[Outcome, float]:
    """The outcome at a point, at twice the precision when once does not do, and the gap (see `Arithmetic.gap`)."""
    bits = int(wanted + 64 + GAPS * gap)
    outcome = Outcome.UNKNOWN
    for _ in range(3):
        if bits > MAX_PRECISION:
            raise TooLarge("the parts of an expression are of too different sizes")
        of = Evaluator(bits, point, complex_numbers=with_complex, natural_log=natural_log)
        try:
            outcome = decide(of, of.value(left), of.value(right), wanted)
        except Unsettled:
            bits *= 3
            continue
        if outcome is not Outcome.UNKNOWN:
            break
        bits = max(int(wanted + 64 + GAPS * of.gap), bits * 2)
    return outcome, min(of.gap, 500) if wanted == _FIRST_AGREED else of.gap
