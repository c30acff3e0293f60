r"""Rule "constant": constants that may be anything, and may have any of their usual names.

`x^2 + c` is `x^2 + C`, and so is `x^2 + 1 + C`, since a constant takes in what is added to it. In a family of solutions
constants are factors: `ke^{2x}` is `Ce^{2x}`, and `Ae^x + Be^{-x}` is `c_1e^x + c_2e^{-x}`.
"""

import re
from fractions import Fraction
from itertools import permutations

from scorer.math import values
from scorer.math.answers.context import Context
from scorer.math.answers.match import any_of
from scorer.math.answers.trees import difference, is_expression, replaced
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Call, Node, Number, Power, Product, Sum, Symbol
from scorer.math.values.walk import parts

_VARIABLES = frozenset({"x", "t", "u", "y", "z", "theta"})
_ADDED = re.compile(r"C|c|K|k|[Cc]_[01]")
_ADDED_IN_GOLD = re.compile(r"C|C_1")
"""A small letter may be given in the problem."""
_FACTORS = re.compile(r"[A-DKck]|[A-CKck]_\d")
_FACTORS_IN_GOLD = re.compile(r"C|[Cc]_\d")
_MOST = 3
_PLACE = Number(Fraction(3, 2))


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Accepts what differs in the names of such constants only, or in what one of them takes in; else says nothing."""
    del context
    if not is_expression(gold) or not is_expression(answer):
        return None
    same = _added(gold, answer) or _factors(gold, answer)
    return Outcome.EQUAL if same else None


def _added(gold: Node, answer: Node) -> bool:
    """Whether both are antiderivatives of the same."""
    golds, answers = _antiderivative(gold, _ADDED_IN_GOLD), _antiderivative(answer, _ADDED)
    if golds is None or answers is None:
        return False
    (body, name), (other, other_name) = golds, answers
    if name != other_name:
        return False
    off = difference(body, other)
    return values.same(off, replaced(off, {name: _PLACE})) is Outcome.EQUAL


def _antiderivative(node: Node, names: re.Pattern[str]) -> tuple[Node, str] | None:
    """An expression in one variable without the constant that is added to it, and the variable."""
    if not isinstance(node, Sum):
        return None
    added = [term.name for term in node.terms if isinstance(term, Symbol) and names.fullmatch(term.name)]
    rest = Sum(tuple(term for term in node.terms if not isinstance(term, Symbol) or term.name not in added))
    about = values.free(rest) if rest.terms else frozenset()
    return (rest, next(iter(about))) if len(added) == 1 and len(about) == 1 and about <= _VARIABLES else None


def _factors(gold: Node, answer: Node) -> bool:
    """Whether both are the same family of solutions, with the constants as factors of its terms."""
    wanted, given = _constants(gold, _FACTORS), _constants(answer, _FACTORS)
    if not wanted or len(wanted) != len(given) or len(wanted) > _MOST:
        return False
    if not (_are_surely_free(gold, wanted) and _variables(gold, wanted) == _variables(answer, given)):
        return False
    renamings = (dict(zip(given, map(Symbol, order), strict=True)) for order in permutations(wanted))
    return any_of(values.same(gold, replaced(answer, dict(renaming))) for renaming in renamings) is Outcome.EQUAL


def _constants(node: Node, names: re.Pattern[str]) -> list[str]:
    """Names that are a factor of one term, or a term, and nowhere else; none when one of them is elsewhere, too."""
    found: list[str] = []
    for term in node.terms if isinstance(node, Sum) else (node,):
        factors = term.factors if isinstance(term, Product) else (term,)
        found += [factor.name for factor in factors if isinstance(factor, Symbol) and names.fullmatch(factor.name)]
    free = {name for name in values.free(node) if names.fullmatch(name)}
    once = all(_count(node, name) == 1 for name in found)
    return found if once and free == set(found) else []


def _count(node: Node, name: str) -> int:
    return int(node == Symbol(name)) + sum(_count(part, name) for part in parts(node))


def _variables(node: Node, constants: list[str]) -> frozenset[str] | None:
    """The one variable; something that is equal to nothing when there is more, or none."""
    about = values.free(node) - frozenset(constants)
    return about if len(about) == 1 and about <= _VARIABLES else None


def _are_surely_free(gold: Node, constants: list[str]) -> bool:
    """Whether the constants of a gold answer are none that the problem gives, as k in `kx^2`."""
    if _variables(gold, constants) is None:
        return False
    return all(map(_FACTORS_IN_GOLD.fullmatch, constants)) or _is_transcendental(gold)


def _is_transcendental(node: Node) -> bool:
    in_exponent = isinstance(node, Power) and bool(values.free(node.exponent))
    of_variable = isinstance(node, Call) and bool(values.free(node))
    return in_exponent or of_variable or any(map(_is_transcendental, parts(node)))
