"""Rule "constant": the constant of integration, which may have any of its usual names: `x^2 + C`, `x^2 + c`."""

import re

from scorer.math import values
from scorer.math.answers.context import Context
from scorer.math.answers.trees import is_expression, replaced
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Sum, Symbol

_VARIABLES = frozenset({"x", "t", "u", "y", "z", "theta"})
_NAMES = re.compile(r"C|c|K|k|[Cc]_1")


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Accepts another name for a constant that is added to an expression in one variable; says nothing else."""
    del context
    if not is_expression(gold) or not is_expression(answer):
        return None
    wanted, given = _constant(gold), _constant(answer)
    if wanted not in ("C", "C_1") or given is None or wanted == given:
        return None
    renamed = replaced(answer, {given: Symbol(wanted)})
    return Outcome.EQUAL if values.same(gold, renamed) is Outcome.EQUAL else None


def _constant(node: Node) -> str | None:
    if not isinstance(node, Sum):
        return None
    added = [term.name for term in node.terms if isinstance(term, Symbol) and _NAMES.fullmatch(term.name)]
    rest = Sum(tuple(term for term in node.terms if not isinstance(term, Symbol) or term.name not in added))
    about = values.free(rest) if rest.terms else frozenset()
    return added[0] if len(added) == 1 and len(about) == 1 and about <= _VARIABLES else None
