"""Rule "ratio": `2:3` is `4:6`, and the fraction 2/3."""

from collections.abc import Callable
from fractions import Fraction

from scorer.math import values
from scorer.math.answers.context import Context
from scorer.math.answers.match import all_of, check_size, in_order
from scorer.math.answers.trees import is_expression
from scorer.math.answers.value import is_value
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Number, Power, Product, Ratio


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is a ratio."""
    if isinstance(gold, Ratio) and isinstance(answer, Ratio):
        check_size(gold.parts, answer.parts)
        if len(gold.parts) != len(answer.parts):
            return Outcome.DIFFERENT
        if not all(map(_is_measure, (*gold.parts, *answer.parts))):
            return in_order(gold.parts, answer.parts, context.same)  # times 0 everything is the same
        (first, *golds), (second, *answers) = gold.parts, answer.parts
        return all_of(
            context.same(Product((left, second)), Product((right, first)))
            for left, right in zip(golds, answers, strict=True)
        )
    if isinstance(gold, Ratio):
        return _with_quotient(gold, answer, lambda quotient: context.same(quotient, answer))
    if isinstance(answer, Ratio):
        return _with_quotient(answer, gold, lambda quotient: context.same(gold, quotient))
    return None


def _is_measure(part: Node) -> bool:
    return is_value(part) and not (is_expression(part) and values.exact(part) == 0)


def _with_quotient(ratio: Ratio, other: Node, same: Callable[[Node], Outcome]) -> Outcome | None:
    if not is_expression(other) or len(ratio.parts) != 2:
        return Outcome.DIFFERENT
    above, below = ratio.parts
    return same(Product((above, Power(below, Number(Fraction(-1))))))
