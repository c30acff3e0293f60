r"""Reading sets of real numbers: intervals, inequalities, unions, set-builders, `\mathbb{R}`, the empty set."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, permutations

from scorer.math import values
from scorer.math.answers import distances
from scorer.math.answers.intervals import (
    ALL,
    EMPTY,
    Complement,
    Intersection,
    Interval,
    NotOrdered,
    Region,
    Union,
    is_empty,
    point,
)
from scorer.math.answers.stated import unknowns
from scorer.math.answers.trees import is_expression
from scorer.math.answers.worded import region_in_words
from scorer.math.syntax.tree import (
    Constant,
    Group,
    Labelled,
    List,
    NamedSet,
    Node,
    Number,
    Product,
    Quantity,
    Relation,
    SetBuilder,
    SetOperation,
    Symbol,
    Text,
)

_ZERO = Number(Fraction(0))
_NAMED: dict[str, Region] = {
    "R": ALL,
    "empty": EMPTY,
    "R+": Interval(_ZERO, None),
    "R-": Interval(None, _ZERO),
    "R*": Complement(point(_ZERO)),
    "R0+": Interval(_ZERO, None, lower_closed=True),
}
_MOST_PARTS = 12
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Reading:
    """A set of real numbers as it was written."""

    region: Region
    variable: str | None
    """The unknown that is in it; None when none was named."""
    certain: bool
    """It can be nothing else: `(1, 2]`, `x > 2`. Else it may be a tuple or a list: `(1, 2)`, `[1, 2]`, `{1, 2}`."""


def read(node: Node, constants: frozenset[str] = frozenset()) -> Reading | None:
    """The set of real numbers that a node describes; None when it describes none.

    Args:
        node: An answer or a part of one.
        constants: Names of unknowns that are in the ends and not in the set: a in `x > a`.
    """
    if isinstance(node, NamedSet):
        return Reading(_NAMED[node.name], None, certain=True) if node.name in _NAMED else None
    if isinstance(node, Text):
        named = region_in_words(node.words)
        return None if named is None else Reading(named, None, certain=True)
    if isinstance(node, Group):
        return _group(node, constants)
    if isinstance(node, SetBuilder):
        return _builder(node, constants)
    if isinstance(node, SetOperation):
        return _operation(node, constants)
    if isinstance(node, Relation):
        return _relation(node, constants)
    if isinstance(node, List):
        return _list(node, constants)
    return read(node.body, constants) if isinstance(node, Labelled) else None


def _group(node: Group, constants: frozenset[str]) -> Reading | None:
    if node.opening == "{":
        return _braces(node, constants)
    if len(node.items) != 2 or node.opening == "<" or not all(map(_is_end, node.items)):
        return None
    lower_end, upper_end = (item for item in node.items)
    lower = None if _infinity(lower_end) == -1 else lower_end
    upper = None if _infinity(upper_end) == 1 else upper_end
    if any(end is not None and _infinity(end) for end in (lower, upper)):
        return None
    infinite = lower is None or upper is None
    brackets = node.opening + node.closing
    if not infinite:
        order = values.order(lower_end, upper_end) if is_expression(lower_end) and is_expression(upper_end) else None
        if (order == 0 and brackets != "[]") or order == 1:
            return None  # no interval: a tuple or a list
    interval = Interval(
        lower,
        upper,
        lower_closed=node.opening == "[" and lower is not None,
        upper_closed=node.closing == "]" and upper is not None,
    )
    return Reading(interval, None, certain=infinite or brackets not in ("()", "[]"))


def _is_end(node: Node) -> bool:
    return is_expression(node) or (isinstance(node, Quantity) and is_expression(node.value))


def _infinity(node: Node) -> int:
    """1 or -1 for an infinite end, with its sign; 0 for any other."""
    if node == Constant("infinity"):
        return 1
    if isinstance(node, Product) and Constant("infinity") in node.factors:
        signs = [values.exact(factor) for factor in node.factors if factor != Constant("infinity")]
        if all(sign in (1, -1) for sign in signs):
            return -1 if signs.count(Fraction(-1)) % 2 else 1
    return 0


def _braces(node: Group, constants: frozenset[str]) -> Reading | None:
    if not node.items:
        return Reading(EMPTY, None, certain=True)
    if all(isinstance(item, Relation) for item in node.items):
        inner = read(node.items[0] if len(node.items) == 1 else List(node.items, "and"), constants)
        return replace(inner, variable=None) if inner is not None and inner.certain else None
    if all(map(_is_end, node.items)):
        return Reading(Union(tuple(map(point, node.items))), None, certain=False)
    return None


def _builder(node: SetBuilder, constants: frozenset[str]) -> Reading | None:
    element, conditions = node.element, node.conditions
    if isinstance(element, Relation) and element.operators == ("in",):
        conditions = (element, *conditions)
        element = element.sides[0]
    if not isinstance(element, Symbol):
        return None
    readings = [read(condition, constants) for condition in conditions]
    parts = [reading.region for reading in readings if reading is not None and reading.variable == element.name]
    if len(parts) < len(readings):
        return None
    return Reading(Intersection(tuple(parts)), None, certain=True)


def _operation(node: SetOperation, constants: frozenset[str]) -> Reading | None:
    readings = [read(operand, constants) for operand in node.operands]
    found = [reading for reading in readings if reading is not None]
    names = {reading.variable for reading in found} - {None}
    if len(found) < len(readings) or len(names) > 1:
        return None
    regions = tuple(reading.region for reading in found)
    if node.operation == "union":
        region: Region = Union(regions)
    elif node.operation == "intersection":
        region = Intersection(regions)
    else:
        region = Intersection((regions[0], *map(Complement, regions[1:])))
    certain = node.operation != "union" or any(reading.certain or _is_bracketed(reading) for reading in found)
    return Reading(region, next(iter(names), None), certain)


def _is_bracketed(reading: Reading) -> bool:
    return isinstance(reading.region, Interval)


def _relation(node: Relation, constants: frozenset[str]) -> Reading | None:
    sides, operators = node.sides, node.operators
    if len(sides) == 2 and operators[0] in ("in", "notin"):
        inner = read(sides[1], constants)
        if not isinstance(sides[0], Symbol) or inner is None or inner.variable is not None:
            return None
        if operators[0] == "notin":
            return Reading(Complement(inner.region), sides[0].name, certain=True)
        interval = isinstance(sides[1], Group) and sides[1].opening != "{"
        return Reading(inner.region, sides[0].name, certain=inner.certain or interval)
    if operators == ("=",) and isinstance(sides[0], Symbol) and not is_expression(sides[1]):
        inner = read(sides[1], constants)  # S = [0, 1), but x = [0, 1) is about x
        named = inner is not None and inner.variable is None and sides[0].name[0].islower()
        return replace(inner, variable=sides[0].name) if inner is not None and named else inner
    sized = distances.unknown(node)
    if sized is not None and sized.name not in constants:
        region = distances.region(node, sized)
        return None if region is None else Reading(region, sized.name, certain=True)
    if len(sides) == 2 and operators[0] in _MIRRORED:
        for unknown, end, operator in (
            (sides[0], sides[1], operators[0]),
            (sides[1], sides[0], _MIRRORED[operators[0]]),
        ):
            if isinstance(unknown, Symbol) and unknown.name not in constants and _is_free_of(end, unknown):
                region = _half_line(operator, end)
                return None if region is None else Reading(region, unknown.name, certain=operator != "=")
        return None
    if len(sides) == 3 and isinstance(sides[1], Symbol) and set(operators) in ({"<"}, {"<="}, {"<", "<="}):
        return _between(sides[0], sides[1], sides[2], operators)
    if len(sides) == 3 and isinstance(sides[1], Symbol) and set(operators) in ({">"}, {">="}, {">", ">="}):
        return _between(sides[2], sides[1], sides[0], (_MIRRORED[operators[1]], _MIRRORED[operators[0]]))
    return None


def _is_free_of(end: Node, unknown: Symbol) -> bool:
    return _is_end(end) and unknown.name not in unknowns(end)


def _between(lower: Node, unknown: Symbol, upper: Node, operators: tuple[str, ...]) -> Reading | None:
    if not _is_free_of(lower, unknown) or not _is_free_of(upper, unknown):
        return None
    above = _half_line(_MIRRORED[operators[0]], lower)
    below = _half_line(operators[1], upper)
    if not isinstance(above, Interval) or not isinstance(below, Interval):
        return None
    region = Interval(above.lower, below.upper, above.lower_closed, below.upper_closed)
    return Reading(region, unknown.name, certain=True)


def _half_line(operator: str, end: Node) -> Region | None:
    """What is less than an end, equal to it, and so on; None when there is nothing there because it is infinite."""
    if infinity := _infinity(end):
        return ALL if operator in ({"<", "<="} if infinity == 1 else {">", ">="}) else None
    if operator in ("=", "!="):
        return point(end) if operator == "=" else Complement(point(end))
    closed = operator in ("<=", ">=")
    if operator in ("<", "<="):
        return Interval(None, end, upper_closed=closed)
    return Interval(end, None, lower_closed=closed)


def _list(node: List, constants: frozenset[str]) -> Reading | None:
    readings = [read(item, constants) for item in _with_relation(node.items)]
    found = [reading for reading in readings if reading is not None]
    names = {reading.variable for reading in found} - {None}
    if len(found) < len(readings) or len(names) > 1:
        return None
    regions = tuple(reading.region for reading in found)
    either: Region | None = Union(regions)
    certain = [reading.certain for reading in found]
    if node.spelled and names and all(certain):
        either = Intersection(regions)
    elif node.joined_by == "and" and any(certain):
        either = _both_or_either(regions, solved=bool(names))
    if either is None:
        return None
    return Reading(either, next(iter(names), None), any(certain))


def _with_relation(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """`x != 1, 2` with the relation written out for each value."""
    first = items[0]
    if not isinstance(first, Relation) or first.operators != ("!=",):
        return items
    return tuple(Relation((first.sides[0], item), ("!=",)) if is_expression(item) else item for item in items)


def _both_or_either(regions: tuple[Region, ...], *, solved: bool) -> Region | None:
    """`x > 1, x < 2` means both; `x < 1, x > 2` cannot, and means either, as intervals do that are apart.

    None when one part is in another: then they are several sets, and what the smaller one is must not be lost.
    """
    regions = tuple(region for region in regions if region != ALL)
    both = Intersection(regions)
    if len(regions) > _MOST_PARTS:
        return None
    try:
        if is_empty(both) and (solved or _are_apart(regions)):
            return Union(regions)
        nested = any(is_empty(Intersection((one, Complement(other)))) for one, other in permutations(regions, 2))
    except NotOrdered:
        return both if solved else None
    return both if solved and not nested else None


def _are_apart(regions: tuple[Region, ...]) -> bool:
    return all(is_empty(Intersection(pair)) for pair in combinations(regions, 2))
