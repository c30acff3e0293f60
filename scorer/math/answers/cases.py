"""Rule "cases": values with the conditions under which they hold."""

from scorer.math.answers.context import Context
from scorer.math.answers.match import all_of, in_any_order
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Cases, Group, Node, Relation, Text

_OTHERWISE = frozenset({"otherwise", "else", "in other cases", "elsewhere"})
_REST = Text("otherwise")


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is given by cases."""
    if isinstance(gold, Cases) and isinstance(answer, Cases):

        def same(left: Node, right: Node) -> Outcome:
            if not isinstance(left, Group) or not isinstance(right, Group):
                return Outcome.UNKNOWN
            return _same_branch(left, right, context)

        return in_any_order(_branches(gold), _branches(answer), same)
    if isinstance(gold, Cases) or isinstance(answer, Cases):
        return None if isinstance(gold, Relation) or isinstance(answer, Relation) else Outcome.UNKNOWN
    return None


def _branches(node: Cases) -> list[Node]:
    return [Group("(", ")", (value, _condition(condition))) for value, condition in node.branches]


def _condition(condition: Node | None) -> Node:
    if condition is None or (isinstance(condition, Text) and condition.words.lower().rstrip(".") in _OTHERWISE):
        return _REST
    return condition


def _same_branch(gold: Group, answer: Group, context: Context) -> Outcome:
    conditions = gold.items[1], answer.items[1]
    outcome = Outcome.UNKNOWN if (_REST in conditions) and conditions[0] != conditions[1] else None
    value = context.same(gold.items[0], answer.items[0])
    return all_of([value, outcome or context.same(*conditions)])
