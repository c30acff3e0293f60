r"""Finite sets of integers that are given by a condition: `\{x \in \mathbb{Z} \mid 0 < x < 3\}` is `\{1, 2\}`."""

import math
from fractions import Fraction

from scorer.math import values
from scorer.math.answers.intervals import Interval, NotOrdered, has, pieces
from scorer.math.answers.match import MAX_ITEMS
from scorer.math.answers.regions import read
from scorer.math.answers.trees import is_expression
from scorer.math.syntax.tree import Group, List, NamedSet, Node, Number, Relation, SetBuilder, Symbol

_SMALLEST = {"Z": None, "Z+": 1, "N+": 1, "N*": 1, "N0": 0, "N": 0}


def enumerated(node: Node) -> Node:
    """The numbers in braces when a node describes few integers by inequalities; else the node as it is."""
    conditions = _conditions(node)
    domains = [condition for condition in conditions if _is_domain(condition)]
    rest = tuple(condition for condition in conditions if not _is_domain(condition))
    if len(domains) != 1 or not rest or not isinstance(domains[0], Relation):
        return node
    unknown, domain = domains[0].sides
    reading = read(rest[0] if len(rest) == 1 else List(rest, "and"))
    if not isinstance(unknown, Symbol) or reading is None or reading.variable != unknown.name:
        return node
    try:
        if domain == NamedSet("N") and has(reading.region, Number(Fraction(0))):
            return node  # 0 may be a natural number or not
        found = [_integers(piece, domain) for piece in pieces(reading.region)]
    except NotOrdered:
        return node
    numbers = [number for some in found if some is not None for number in some]
    if None in found or not numbers or len(numbers) > MAX_ITEMS:
        return node
    return Group("{", "}", tuple(Number(Fraction(number)) for number in numbers))


def _conditions(node: Node) -> tuple[Node, ...]:
    if isinstance(node, List) and node.joined_by == "and":
        return node.items
    if isinstance(node, SetBuilder):
        return (node.element, *node.conditions) if isinstance(node.element, Relation) else node.conditions
    return ()


def _is_domain(node: Node) -> bool:
    return (
        isinstance(node, Relation)
        and node.operators == ("in",)
        and isinstance(node.sides[1], NamedSet)
        and node.sides[1].name in _SMALLEST
    )


def _integers(piece: Interval, domain: Node) -> range | None:
    """The integers of an interval; None when there are too many or its ends are not rational."""
    smallest = _SMALLEST[domain.name] if isinstance(domain, NamedSet) else None
    lower, upper = _exact(piece.lower), _exact(piece.upper)
    if upper is None or (lower is None and (piece.lower is not None or smallest is None)):
        return None
    first = smallest if lower is None else math.ceil(lower)
    last = math.floor(upper)
    if first is None:
        return None
    if first == lower and not piece.lower_closed:
        first += 1
    if last == upper and not piece.upper_closed:
        last -= 1
    first = first if smallest is None else max(first, smallest)
    return range(first, last + 1) if last - first < MAX_ITEMS else None


def _exact(end: Node | None) -> Fraction | None:
    return values.exact(end) if end is not None and is_expression(end) else None
