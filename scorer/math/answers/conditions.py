r"""Conditions that are not solved, `|x| < 1`: they are tried at numbers to find out that they do not describe a set."""

from fractions import Fraction
from itertools import pairwise

from scorer.math import values
from scorer.math.answers.intervals import NotOrdered, Region, ends, has
from scorer.math.answers.trees import difference, is_expression, replaced
from scorer.math.syntax.tree import Group, Node, Number, Product, Relation, SetBuilder, Sum, Symbol

_MAX_ENDS = 20
_STEPS = tuple(Number(Fraction(step)) for step in ("1/1000", "1/3", "1", "10", "1000"))
_HALF = Number(Fraction(1, 2))
_HOLDS = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
    "=": lambda order: order == 0,
    "!=": lambda order: order != 0,
}


def contradicts(region: Region, condition: Node) -> bool:
    """Whether a condition on one unknown surely holds where the set is not, or does not hold where it is."""
    relation = _relation(condition)
    names = values.free(relation) if relation is not None else frozenset()
    if relation is None or len(names) != 1:
        return False
    name = next(iter(names))
    try:
        return any(
            holds is not None and holds != has(region, number)
            for number in _numbers(region)
            if (holds := _holds(relation, name, number)) is not None
        )
    except NotOrdered:
        return False


def _relation(node: Node) -> Relation | None:
    if isinstance(node, SetBuilder) and isinstance(node.element, Symbol) and len(node.conditions) == 1:
        node = node.conditions[0]
    elif isinstance(node, Group) and node.opening == "{" and len(node.items) == 1:
        node = node.items[0]
    is_condition = isinstance(node, Relation) and set(node.operators) <= _HOLDS.keys()
    return node if isinstance(node, Relation) and is_condition and all(map(is_expression, node.sides)) else None


def _holds(relation: Relation, name: str, number: Node) -> bool | None:
    """Whether a relation holds for a number; None when that is not known."""
    sides = [replaced(side, {name: number}) for side in relation.sides]
    for left, operator, right in zip(sides, relation.operators, sides[1:], strict=False):
        order = values.order(left, right)
        if order is None:
            return None
        if not _HOLDS[operator](order):
            return False
    return True


def _numbers(region: Region) -> list[Node]:
    """The ends of a set, and numbers near them, between them and far away."""
    points = list(dict.fromkeys(ends(region)))[:_MAX_ENDS] or [Number(Fraction(0))]
    between = [Product((_HALF, Sum(pair))) for pair in pairwise(points)]
    around = [moved for point in points for step in _STEPS for moved in (Sum((point, step)), difference(point, step))]
    return [*points, *between, *around]
