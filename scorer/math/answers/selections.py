"""Rule "selection": `C(10, 3)` and `P(10, 3)` are points, but beside a number they are numbers of selections."""

from scorer.math import values
from scorer.math.answers.context import Context
from scorer.math.answers.trees import is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Call, Group, Labelled, Node, Number

_FUNCTIONS = {"C": "binomial", "P": "permutations"}


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares a number with what is written like a point."""
    del context
    if isinstance(answer, Labelled):
        gold, answer = answer, gold
    selected = _selected(gold)
    return values.same(selected, answer) if selected is not None and is_expression(answer) else None


def _selected(node: Node) -> Call | None:
    match node:
        case Labelled(("C" | "P") as name, Group("(", ")", (Number(n) as above, Number(k) as below))):
            whole = n.denominator == k.denominator == 1
            return Call(_FUNCTIONS[name], (above, below)) if whole and n >= k else None
        case Labelled(("C" | "P") as name, Group("(", ")", (above, below))):
            return Call(_FUNCTIONS[name], (above, below)) if is_expression(above) and is_expression(below) else None
    return None
