"""Whether two expressions are worth the same."""

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node
from scorer.math.values import constants, rational, unknowns
from scorer.math.values.bound import renamed
from scorer.math.values.errors import Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator
from scorer.math.values.infinity import infinite_sign
from scorer.math.values.walk import Survey, survey


def same(left: Node, right: Node) -> Outcome:
    """Compares two expressions by value, exactly; nothing is rounded.

    EQUAL for the same expression, whatever it is. UNKNOWN for what is no expression (lists, relations, words), for
    integrals, limits and most series, and where precision or points run out.

    Raises:
        TooLarge: Comparing would be too much work.
    """
    about_left, about_right = survey(left), survey(right)
    if left == right or (about_left.binds and about_right.binds and renamed(left) == renamed(right)):
        return Outcome.EQUAL
    if "..." in about_left.unknowns or "..." in about_right.unknowns:
        return Outcome.UNKNOWN
    if "infinity" in about_left.constants or "infinity" in about_right.constants:
        outcome = _infinite(left, right)
        if outcome is not None:
            return outcome
    natural = _is_log_natural(about_left, about_right)
    if not (about_left.unknowns or about_left.functions or about_right.unknowns or about_right.functions):
        return constants.compare(left, right, natural_log=natural)
    outcome = rational.identical(left, right, about_left, about_right)
    if outcome is not Outcome.UNKNOWN:
        return outcome
    return unknowns.compare(left, right, about_left, about_right, natural_log=natural)


def _is_log_natural(left: Survey, right: Survey) -> bool:
    """Whether `\\log` without a base is `\\ln`: where natural logarithms or e are about. Else its base is 10."""
    about = left.calls | right.calls | left.constants | right.constants
    return "log10" in about and not about.isdisjoint(("ln", "exp", "e"))


def _infinite(left: Node, right: Node) -> Outcome | None:
    """The comparison when one of the two is infinite; None when none is."""
    try:
        signs = infinite_sign(left), infinite_sign(right)
        if signs == (0, 0):
            return None
        if all(signs):
            return Outcome.EQUAL if signs[0] == signs[1] else Outcome.DIFFERENT
        Evaluator(constants.FIRST_BITS).value(right if signs[0] else left)
    except Undefined:
        return Outcome.DIFFERENT if any(signs) else Outcome.UNKNOWN
    except (Unclear, Unsettled):
        return Outcome.UNKNOWN
    return Outcome.DIFFERENT
