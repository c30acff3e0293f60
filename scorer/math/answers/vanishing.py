"""Rule "vanishing": letters that count for nothing because they are multiplied by 0, as in "0 foo"."""

from scorer.math import values
from scorer.math.answers.context import Context
from scorer.math.answers.stated import unknowns
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Number, Product
from scorer.math.values.walk import parts


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Refuses an answer with letters times 0 that the gold answer does not have: they may be words."""
    del context
    names = _vanishing(answer)
    return Outcome.DIFFERENT if names and not names <= unknowns(gold) else None


def _vanishing(node: Node) -> frozenset[str]:
    if isinstance(node, Product) and any(isinstance(part, Number) and not part.value for part in node.factors):
        return values.free(node)
    return frozenset(name for part in parts(node) for name in _vanishing(part))
