"""Rules "value" and "tolerance": one value against another, with what is written beside it."""

from scorer.math import values
from scorer.math.answers import machine
from scorer.math.answers.context import Context
from scorer.math.answers.quantity import same_quantity
from scorer.math.answers.trees import MINUS_ONE, is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Power, Quantity, Symbol
from scorer.math.values.walk import parts


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two single values."""
    if not is_value(gold) or not is_value(answer):
        return None
    if _is_transposed(gold) and _is_transposed(answer):
        return Outcome.DIFFERENT  # the order of matrices matters, and `structure` did not find it the same
    if _is_undefined(gold) or _is_undefined(answer):
        return Outcome.DIFFERENT
    return same_quantity(gold, answer, context.options, _same_value)


def _same_value(gold: Node, answer: Node) -> Outcome:
    return Outcome.EQUAL if machine.equal(gold, answer) else values.same(gold, answer)


def _is_transposed(node: Node) -> bool:
    if isinstance(node, Power) and isinstance(node.base, Symbol) and node.exponent == Symbol("T"):
        return node.base.name.isupper()
    return any(map(_is_transposed, parts(node)))


def _is_undefined(node: Node) -> bool:
    """Whether something is divided by 0."""
    if isinstance(node, Power) and node.exponent == MINUS_ONE and values.exact(node.base) == 0:
        return True
    return any(map(_is_undefined, parts(node)))


def judge_roughly(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Accepts a number within the tolerance that the task allows; says nothing about any other."""
    options = context.options
    if not (options.absolute_tolerance or options.relative_tolerance) or not is_value(gold) or not is_value(answer):
        return None

    def close(left: Node, right: Node) -> Outcome:
        return values.close(left, right, options.absolute_tolerance, options.relative_tolerance)

    return Outcome.EQUAL if same_quantity(gold, answer, options, close) is Outcome.EQUAL else None


def is_value(node: Node) -> bool:
    """Whether a node is one value, perhaps with a unit."""
    return is_expression(node) or (isinstance(node, Quantity) and is_expression(node.value))
