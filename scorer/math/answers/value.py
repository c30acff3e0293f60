"""Rules "value" and "tolerance": one value against another, with what is written beside it."""

from scorer.math import values
from scorer.math.answers.context import Context
from scorer.math.answers.quantity import same_quantity
from scorer.math.answers.trees import is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Quantity


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two single values."""
    if not _is_value(gold) or not _is_value(answer):
        return None
    return same_quantity(gold, answer, context.options, values.same)


def judge_roughly(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Accepts a number within the tolerance that the task allows; says nothing about any other."""
    options = context.options
    if not (options.absolute_tolerance or options.relative_tolerance) or not _is_value(gold) or not _is_value(answer):
        return None

    def close(left: Node, right: Node) -> Outcome:
        return values.close(left, right, options.absolute_tolerance, options.relative_tolerance)

    return Outcome.EQUAL if same_quantity(gold, answer, options, close) is Outcome.EQUAL else None


def _is_value(node: Node) -> bool:
    return is_expression(node) or (isinstance(node, Quantity) and is_expression(node.value))
