"""Rule "ratio": `2:3` is `4:6`, and the fraction 2/3."""

from collections.abc import Callable
from fractions import Fraction

from scorer.math.answers.context import Context
from scorer.math.answers.match import all_of, check_size
from scorer.math.answers.trees import is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Number, Power, Product, Ratio


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is a ratio."""
    if isinstance(gold, Ratio) and isinstance(answer, Ratio):
        check_size(gold.parts, answer.parts)
        if len(gold.parts) != len(answer.parts):
            return Outcome.DIFFERENT
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


def _with_quotient(ratio: Ratio, other: Node, same: Callable[[Node], Outcome]) -> Outcome | None:
    if not is_expression(other) or len(ratio.parts) != 2:
        return Outcome.DIFFERENT
    above, below = ratio.parts
    return same(Product((above, Power(below, Number(Fraction(-1))))))
