"""Rule "text": words that stand in an answer beside mathematics, as items of a list or as conditions."""

from scorer.math.answers.context import Context
from scorer.math.answers.english import ENGLISH
from scorer.math.answers.spelled_numbers import read_spelled
from scorer.math.answers.words import words
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Constant, Node, Number, Product, Symbol, Text

_SHORT = 3


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two parts of which at least one is words."""
    if isinstance(gold, Text) and isinstance(answer, Text):
        return _said(gold.words, answer.words, context)
    if isinstance(gold, Text):
        return _with_mathematics(gold.words, answer, context)
    return _with_mathematics(answer.words, gold, context) if isinstance(answer, Text) else None


def _with_mathematics(said: str, other: Node, context: Context) -> Outcome:
    """Words beside something else: the same letters, a number that is spelled out, or nothing that they could be."""
    letters = _letters(other)
    if letters:
        return Outcome.EQUAL if letters == said else Outcome.DIFFERENT
    spelled = read_spelled(said)
    if spelled is None or spelled.after:
        return Outcome.DIFFERENT
    return context.same(Number(spelled.value), other)


def _said(gold: str, answer: str, context: Context) -> Outcome:
    if gold != answer and gold.lower() == answer.lower() and len(gold) <= _SHORT and gold.lower() not in ENGLISH:
        return Outcome.DIFFERENT  # letters, whose case matters: PV, Pv
    judgement = words(rf"\text{{{gold}}}", rf"\text{{{answer}}}", context.options)
    return Outcome.DIFFERENT if judgement is None else judgement.outcome


def _letters(node: Node) -> str:
    if isinstance(node, Symbol | Constant):
        return node.name
    is_word = isinstance(node, Product) and all(isinstance(factor, Symbol | Constant) for factor in node.factors)
    return "".join(map(_letters, node.factors)) if is_word and isinstance(node, Product) else ""
