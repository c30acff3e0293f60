r"""Digits with a base: it may be left out (1011 for `1011_2`); a changed one is wrong, even of the same value."""

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Based, Node, Number, Product, Symbol


def same_based(gold: Node, answer: Node) -> Outcome:
    """Compares two answers of which at least one is digits with a base."""
    if isinstance(gold, Based) and isinstance(answer, Based):
        return _outcome((gold.base, gold.digits) == (answer.base, answer.digits))
    if isinstance(gold, Based):
        return _outcome(_digits(answer) == gold.digits)
    if isinstance(answer, Based):
        # A gold without a base may be the number itself, or leave its base out.
        value = isinstance(gold, Number) and gold.value == answer.value
        return _outcome(value or _digits(gold) == answer.digits)
    return Outcome.UNKNOWN


def _outcome(equal: bool) -> Outcome:
    return Outcome.EQUAL if equal else Outcome.DIFFERENT


def _digits(node: Node) -> str | None:
    """The digits that a node was written with, when it can be digits: `2A` was read as 2 times A."""
    if isinstance(node, Number):
        whole = node.value.denominator == 1 and not node.decimal and node.value >= 0
        return str(node.value.numerator) if whole else None
    if isinstance(node, Symbol):
        return node.name.upper() if len(node.name) == 1 and node.name.isascii() else None
    if isinstance(node, Product):
        parts = [_digits(factor) for factor in node.factors]
        return None if None in parts else "".join(part for part in parts if part)
    return None
