"""Whether one expression is another one times a constant, as the two sides of an equation may be multiplied by one."""

from fractions import Fraction

from scorer.math import values
from scorer.math.answers.trees import is_expression, rebuilt, replaced
from scorer.math.judgement import Outcome
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import Apply, Constant, Node, Number, Power, Product, Sum, Symbol

_POINTS = (Fraction(3, 2), Fraction(7, 3), Fraction(11, 5))
"""Where expressions are evaluated to find the constant: positive, so that roots are real; the unknowns get these times
1, 2, 3, ... plus their number, so that they are not in a simple relation."""


def proportional(gold: Node, answer: Node, *, positive: bool) -> Outcome:
    """Whether the answer is a constant that is not 0 times the gold; DIFFERENT is certain for polynomials only.

    Args:
        gold: An expression.
        answer: Another one.
        positive: The constant has to be positive.
    """
    gold, answer = _without_functions(gold), _without_functions(answer)
    names = sorted(values.free(gold) | values.free(answer))
    for start in _POINTS:
        point: dict[str, Node] = {
            name: Number(start * index + Fraction(index * index, 7)) for index, name in enumerate(names, start=1)
        }
        gold_value, answer_value = replaced(gold, point), replaced(answer, point)
        gold_sign, answer_sign = values.order(gold_value, _ZERO), values.order(answer_value, _ZERO)
        if not gold_sign or not answer_sign:
            continue
        outcome = values.same(Product((gold, answer_value)), Product((answer, gold_value)))
        if outcome is Outcome.EQUAL and positive and gold_sign != answer_sign:
            return Outcome.DIFFERENT
        if outcome is Outcome.DIFFERENT and not (_is_polynomial(gold) and _is_polynomial(answer)):
            return Outcome.UNKNOWN  # the factor may hold unknowns: y = 1/x is xy = 1
        return outcome
    return Outcome.UNKNOWN


_ZERO = Number(Fraction(0))


def _without_functions(node: Node) -> Node:
    """Values of unknown functions as unknowns of their own."""
    return Symbol(show(node)) if isinstance(node, Apply) else rebuilt(node, _without_functions)


def _is_polynomial(node: Node) -> bool:
    if isinstance(node, Number | Constant | Symbol):
        return True
    if isinstance(node, Sum):
        return all(map(_is_polynomial, node.terms))
    if isinstance(node, Product):
        return all(map(_is_polynomial, node.factors))
    if not values.free(node):
        return is_expression(node)
    if isinstance(node, Power):
        exponent = values.exact(node.exponent)
        return exponent is not None and exponent.denominator == 1 and exponent >= 0 and _is_polynomial(node.base)
    return False
