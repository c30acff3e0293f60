"""Whether two expressions with unknowns are the same, by their values at a number of points.

Two that differ do so at nearly every point, and a point where they surely differ decides. Two that agree at all of the
first points must agree, at other points, to hundreds of digits. Points at which one of the two has no value, or in an
expression without complex numbers no real one, do not count: `2\\ln x` is `\\ln x^2` wherever both are defined.
"""

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, TooLarge
from scorer.math.values.arithmetic import MAX_STEPS, Value
from scorer.math.values.constants import GAPS, MAX_PRECISION, decide
from scorer.math.values.errors import Ambiguous, Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.points import points
from scorer.math.values.walk import Survey, is_complex

_FIRST_AGREED = 60
CONFIRMED_BITS = 400
FIRST_POINTS = 6
CONFIRMING_POINTS = 4
_CANDIDATES = 130
_REMEMBERED_GAP = 500


def compare(left: Node, right: Node, about_left: Survey, about_right: Survey, *, natural_log: bool) -> Outcome:
    """The comparison of two expressions of which at least one has unknowns.

    Raises:
        TooLarge: They would be too much work everywhere.
    """
    agreed, too_large = 0, 0
    sampling = _Sampling(left, right, is_complex(about_left, about_right), natural_log)
    for point in points(about_left, about_right, _CANDIDATES):
        confirming = agreed >= FIRST_POINTS
        wanted = CONFIRMED_BITS if confirming else _FIRST_AGREED
        try:
            outcome = sampling.at(point, wanted)
        except (Undefined, Unsettled, Ambiguous):
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


class _Sampling:
    """Two expressions, the work that is left for them, and how many bits their parts are apart."""

    def __init__(self, left: Node, right: Node, with_complex: bool, natural_log: bool) -> None:
        self._sides = left, right
        self._with_complex = with_complex
        self._natural_log = natural_log
        self._steps = MAX_STEPS
        self._gap = 0.0

    def at(self, point: dict[str, Value], wanted: int) -> Outcome:
        """The outcome at a point, at a higher precision when the first does not do."""
        bits = int(wanted + 64 + GAPS * self._gap)
        for _ in range(3):
            if bits > MAX_PRECISION:
                raise TooLarge("the parts of an expression are of too different sizes")
            of = Evaluator(
                bits, point, complex_numbers=self._with_complex, natural_log=self._natural_log, steps=self._steps
            )
            try:
                outcome = decide(of, of.value(self._sides[0]), of.value(self._sides[1]), wanted)
            except Unsettled:
                bits *= 3
                continue
            finally:
                self._steps = of.steps
            if outcome is not Outcome.UNKNOWN:
                self._gap = min(of.gap, _REMEMBERED_GAP)
                return outcome
            bits = max(int(wanted + 64 + GAPS * of.gap), bits * 2)
        return Outcome.UNKNOWN
