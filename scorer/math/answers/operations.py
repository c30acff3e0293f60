"""Rule "operation": unions, intersections and differences of sets that are not sets of numbers, as `A \\cup B`."""

from scorer.math.answers.context import Context
from scorer.math.answers.match import in_any_order, in_order
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import NamedSet, Node, SetBuilder, SetOperation

_COUNTING = frozenset({"N", "N0", "N+", "N*", "Z+"})
"""What starts at 0 or at 1, as one likes."""


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares sets that have a name, and accepts the same operation on the same sets."""
    if isinstance(gold, NamedSet) and isinstance(answer, NamedSet):
        return Outcome.UNKNOWN if {gold.name, answer.name} <= _COUNTING else Outcome.DIFFERENT
    if isinstance(gold, SetBuilder) and isinstance(answer, SetBuilder):
        return _builders(gold, answer, context)
    if not isinstance(gold, SetOperation) or not isinstance(answer, SetOperation):
        return None
    matched = in_order if gold.operation == "difference" else in_any_order
    same = gold.operation == answer.operation and matched(gold.operands, answer.operands, context.same)
    return Outcome.EQUAL if same is Outcome.EQUAL else Outcome.UNKNOWN


def _builders(gold: SetBuilder, answer: SetBuilder, context: Context) -> Outcome:
    if context.same(gold.element, answer.element) is not Outcome.EQUAL:
        return Outcome.UNKNOWN
    return in_any_order(gold.conditions, answer.conditions, context.same)
