"""Rule "text": words that stand in an answer beside mathematics, as items of a list or as conditions."""

from scorer.math.answers.context import Context
from scorer.math.answers.words import words
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Symbol, Text


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two parts of which at least one is words."""
    if isinstance(gold, Text) and isinstance(answer, Text):
        judgement = words(gold.words, answer.words, context.options)
        return Outcome.UNKNOWN if judgement is None else judgement.outcome
    if isinstance(gold, Text) and isinstance(answer, Symbol):
        return Outcome.EQUAL if gold.words == answer.name else Outcome.UNKNOWN
    if isinstance(answer, Text) and isinstance(gold, Symbol):
        return Outcome.EQUAL if gold.name == answer.words else Outcome.UNKNOWN
    return Outcome.UNKNOWN if isinstance(gold, Text) or isinstance(answer, Text) else None
