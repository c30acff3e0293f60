"""Sets of real numbers with given ends, and whether two of them are the same.

All ends of both sets are put in order; they cut the line into points and open pieces, in each of which a set either is
or is not. Two sets are the same when they are in the same pieces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cmp_to_key

from scorer.math import values
from scorer.math.answers.match import check_size
from scorer.math.answers.trees import is_expression
from scorer.math.answers.written import written
from scorer.math.syntax.tree import Node


@dataclass(frozen=True, slots=True)
class Interval:
    """From one end to the other; None for an end that is infinite."""

    lower: Node | None
    upper: Node | None
    lower_closed: bool = False
    upper_closed: bool = False


@dataclass(frozen=True, slots=True)
class Union:
    """What is in any of the parts; the empty set without parts."""

    parts: "tuple[Region, ...]"


@dataclass(frozen=True, slots=True)
class Intersection:
    """What is in all parts."""

    parts: "tuple[Region, ...]"


@dataclass(frozen=True, slots=True)
class Complement:
    """The real numbers that are not in the part."""

    part: "Region"


Region = Interval | Union | Intersection | Complement

ALL = Interval(None, None)
EMPTY = Union(())


class NotOrdered(ValueError):  # noqa: N818
    """The order of the ends is not known: there are unknowns in them."""


def point(node: Node) -> Interval:
    """The set of one number."""
    return Interval(node, node, lower_closed=True, upper_closed=True)


def ends(region: Region) -> Iterator[Node]:
    """All finite ends."""
    if isinstance(region, Interval):
        yield from (end for end in (region.lower, region.upper) if end is not None)
    elif isinstance(region, Complement):
        yield from ends(region.part)
    else:
        for part in region.parts:
            yield from ends(part)


def same_region(gold: Region, answer: Region) -> bool:
    """Whether two sets are the same.

    Raises:
        NotOrdered: An end is not a real constant.
        TooLarge: There are too many ends.
    """
    places = _places((*ends(gold), *ends(answer)))
    line = range(1, 2 * len(set(places.values())) + 2)
    return all(_has(gold, place, places) == _has(answer, place, places) for place in line)


def is_empty(region: Region) -> bool:
    """Whether nothing is in a set; raises as `same_region`."""
    return same_region(region, EMPTY)


def has(region: Region, number: Node) -> bool:
    """Whether a number is in a set; raises as `same_region`."""
    places = _places((*ends(region), number))
    return _has(region, places[number], places)


def pieces(region: Region) -> list[Interval]:
    """The intervals that a set consists of, from left to right and as few as possible; raises as `same_region`."""
    places = _places(tuple(ends(region)))
    at = {place: node for node, place in reversed(places.items())}
    last = 2 * len(at) + 1
    found: list[Interval] = []
    start = None
    for place in range(1, last + 2):
        inside = place <= last and _has(region, place, places)
        if inside and start is None:
            start = place
        elif not inside and start is not None:
            end = place - 1
            found.append(
                Interval(
                    at.get(start - start % 2),
                    at.get(end + end % 2),
                    lower_closed=start % 2 == 0,
                    upper_closed=end % 2 == 0,
                )
            )
            start = None
    return found


def _places(nodes: tuple[Node, ...]) -> dict[Node, int]:
    """The places of the ends on the line: 2, 4, 6, ...; the open pieces between them have the odd numbers."""
    distinct = tuple(dict.fromkeys(nodes))
    check_size(distinct)
    places: dict[Node, int] = {}
    place, before = 0, None
    for node in sorted(distinct, key=cmp_to_key(_order)):
        if before is None or _order(before, node) != 0:
            place += 2
        places[node] = place
        before = node
    return places


def _order(left: Node, right: Node) -> int:
    order = values.order(left, right) if is_expression(left) and is_expression(right) else None
    if order is None:
        raise NotOrdered
    return order


def _has(region: Region, place: int, places: dict[Node, int]) -> bool:
    if isinstance(region, Union):
        return any(_has(part, place, places) for part in region.parts)
    if isinstance(region, Intersection):
        return all(_has(part, place, places) for part in region.parts)
    if isinstance(region, Complement):
        return not _has(region.part, place, places)
    if region.lower is not None:
        lower = places[region.lower]
        if place < lower or (place == lower and not region.lower_closed):
            return False
    if region.upper is not None:
        upper = places[region.upper]
        if place > upper or (place == upper and not region.upper_closed):
            return False
    return True


def text(region: Region) -> str:
    """A canonical form for people: `(-inf, 3] U {4}`; empty when there is none."""
    try:
        parts = pieces(region)
    except NotOrdered:
        listed = region.parts if isinstance(region, Union) else (region,)
        parts = [part for part in listed if isinstance(part, Interval)]
        if len(parts) < len(listed):
            return ""
    return " U ".join(map(_interval_text, parts)) or "{}"


def _interval_text(part: Interval) -> str:
    if part.lower is not None and part.lower == part.upper:
        return "{" + written(part.lower) + "}"
    lower = "-inf" if part.lower is None else written(part.lower)
    upper = "inf" if part.upper is None else written(part.upper)
    return ("[" if part.lower_closed else "(") + f"{lower}, {upper}" + ("]" if part.upper_closed else ")")
