"""Inequalities about a distance: `|x - 1| < 3` and `1 <= |z| <= 3/2` as sets of real numbers."""

from fractions import Fraction

from scorer.math import values
from scorer.math.answers.intervals import Complement, Intersection, Interval, Region
from scorer.math.answers.trees import difference
from scorer.math.syntax.tree import Call, Node, Number, Relation, Sum, Symbol

_ZERO = Number(Fraction(0))
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def unknown(relation: Relation) -> Symbol | None:
    """The x of `|x|` or `|x - 1|` when a relation is about such a distance, and its other sides are constants."""
    distances = [side for side in relation.sides if isinstance(side, Call) and side.function == "abs"]
    if len(distances) != 1 or not set(relation.operators) <= _MIRRORED.keys():
        return None
    inner = distances[0].arguments[0]
    names = values.free(inner)
    terms = inner.terms if isinstance(inner, Sum) else (inner,)
    if len(names) != 1 or Symbol(next(iter(names))) not in terms:
        return None
    bounds = [side for side in relation.sides if side is not distances[0]]
    return None if any(values.order(bound, _ZERO) is None for bound in bounds) else Symbol(next(iter(names)))


def region(relation: Relation, name: Symbol) -> Region | None:
    """Where it holds; None when more than the unknown and constants is in it."""
    parts: list[Region] = []
    for left, operator, right in zip(relation.sides, relation.operators, relation.sides[1:], strict=False):
        if isinstance(left, Call) and left.function == "abs":
            part = _one(left.arguments[0], name, operator, right)
        elif isinstance(right, Call) and right.function == "abs":
            part = _one(right.arguments[0], name, _MIRRORED[operator], left)
        else:
            return None
        if part is None:
            return None
        parts.append(part)
    return Intersection(tuple(parts))


def _one(inner: Node, name: Symbol, operator: str, bound: Node) -> Region | None:
    middle = _middle(inner, name)
    if middle is None:
        return None
    within = operator in ("<", "<=")
    sign = values.order(bound, _ZERO)
    closed = operator in ("<=", ">=")
    if sign is None or sign < 0 or (sign == 0 and operator in ("<", ">=")):
        return None  # all real numbers or none: nobody writes that
    ball = Interval(
        difference(middle, bound),
        Sum((middle, bound)),
        lower_closed=closed == within,
        upper_closed=closed == within,
    )
    return ball if within else Complement(ball)


def _middle(inner: Node, name: Symbol) -> Node | None:
    """The number from which the distance is: 1 in `|x - 1|`."""
    rest = [term for term in (inner.terms if isinstance(inner, Sum) else (inner,)) if term != name]
    middle = difference(_ZERO, Sum(tuple(rest))) if rest else _ZERO
    return None if values.free(middle) or values.order(middle, _ZERO) is None else middle
