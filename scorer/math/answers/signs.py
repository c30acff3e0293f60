r"""Plus-minus written out: `1\pm\sqrt2` is the list of its two values."""

from itertools import product

from scorer.math.answers.context import Context
from scorer.math.answers.match import MAX_ITEMS
from scorer.math.answers.trees import contains, negated, rebuilt
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Constant, Group, List, Node, PlusMinus, Relation, SetOperation, Sum, TooLarge
from scorer.math.values.walk import parts

_CHAIN = 2
_LONGEST = 6
_BOUNDS = frozenset({"<", "<=", ">", ">="})
_BRACKETS = frozenset({"()", "[]", "{}", "<>"})
_INFINITY = Constant("infinity")


def expanded(node: Node) -> Node:
    r"""A tree without plus-minus. Signs in each other go together: `\pm(1\pm\sqrt2)` has two values, `\pm a\pm b` four.

    Raises:
        TooLarge: There are too many values.
    """
    return _expanded(node) if contains(node, PlusMinus) else node


def _expanded(node: Node) -> Node:
    if isinstance(node, List):
        return List(_flat(node.items), node.joined_by)
    if isinstance(node, Group) and node.opening == "{":
        return Group("{", "}", _flat(node.items))
    if isinstance(node, SetOperation):
        return rebuilt(node, expanded)
    if _is_bounded(node):
        return node  # which of the two values is the bound is not said
    *others, value = node.sides if isinstance(node, Relation) else (node,)
    values = () if any(contains(other, PlusMinus) for other in others) else _combined(value)
    if isinstance(node, Relation):
        values = tuple(Relation((*others, combined), node.operators) for combined in values)
    return List(values, "and") if values else _both(node)


def _is_bounded(node: Node) -> bool:
    """Whether a node is an inequality or surely an interval."""
    if isinstance(node, Relation):
        return not _BOUNDS.isdisjoint(node.operators)
    return isinstance(node, Group) and (node.opening + node.closing not in _BRACKETS or _is_infinite(node))


def _is_infinite(node: Node) -> bool:
    return node == _INFINITY or any(map(_is_infinite, parts(node)))


def unread(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Rule "signs": plus-minus where it cannot be written out, `x > \\pm 4`."""
    del context
    signs = [contains(gold, PlusMinus), contains(answer, PlusMinus)]
    if not any(signs):
        return None
    return Outcome.UNKNOWN if all(signs) else Outcome.DIFFERENT


def _both(node: Node) -> Node:
    return List((_with_sign(node, upper=True), _with_sign(node, upper=False)), "and")


def _combined(node: Node) -> tuple[Node, ...]:
    r"""The values of `\pm a \pm b`, whose signs are free; empty for anything else."""
    terms: list[Node] = []
    here: Node | None = node
    while isinstance(here, PlusMinus):
        if here.minus_first or contains(here.right, PlusMinus):
            return ()
        terms.append(here.right)
        here = here.left
    if len(terms) < _CHAIN or len(terms) > _LONGEST or (here is not None and contains(here, PlusMinus)):
        return ()
    start = () if here is None else (here,)
    choices = product(*((term, negated(term)) for term in reversed(terms)))
    return tuple(Sum((*start, *choice)) for choice in choices)


def _flat(items: tuple[Node, ...]) -> tuple[Node, ...]:
    found: list[Node] = []
    for item in items:
        value = expanded(item)
        found += value.items if value is not item and isinstance(value, List) else [value]
    if len(found) > MAX_ITEMS:
        raise TooLarge(f"more than {MAX_ITEMS} values by plus-minus signs")
    return tuple(found)


def _with_sign(node: Node, *, upper: bool) -> Node:
    node = rebuilt(node, lambda child: _with_sign(child, upper=upper))
    if not isinstance(node, PlusMinus):
        return node
    right = negated(node.right) if upper == node.minus_first else node.right
    return right if node.left is None else Sum((node.left, right))
