"""Reading several things: tuples, sets, lists, vectors, and values of one unknown as in `x = 1, 2`."""

from dataclasses import dataclass

from scorer.math.answers.stated import Same, Statement, agree, renamed, statement
from scorer.math.answers.subjects import Subject
from scorer.math.syntax.tree import Group, List, Matrix, Node, Relation, SetOperation

_KINDS = {"()": "tuple", "<>": "vector", "{}": "set", "[]": "brackets"}


@dataclass(frozen=True, slots=True)
class Collection:
    """Several things."""

    kind: str
    """"tuple", "vector" (a tuple that is no interval), "list" (without brackets), "alternatives" (a list with "or"),
    "set" or "brackets" (square ones)."""
    items: tuple[Node, ...]
    subject: Subject | None = None
    """What they are the values of, when it was said."""


def read(node: Node, same: Same) -> Collection | None:
    """The several things that a node is; None when it is one thing."""
    if isinstance(node, Group):
        kind = _KINDS.get(node.opening + node.closing)
        return Collection(kind, node.items) if kind else None
    if isinstance(node, SetOperation):
        return _union(node)
    if isinstance(node, Matrix) and not node.determinant and 1 in (len(node.rows), len(node.rows[0])):
        return Collection("vector", tuple(entry for row in node.rows for entry in row))
    if isinstance(node, List):
        return _list(node, same)
    if isinstance(node, Relation) and node.operators == ("in",) and isinstance(node.sides[1], Group | SetOperation):
        within = node.sides[1]
        listed = isinstance(within, SetOperation) or within.opening == "{"
        said: Statement | None = statement(Relation(node.sides, ("=",)), same) if listed else None
    else:
        said = statement(node, same)
    inner = read(said.value, same) if said is not None else None
    return Collection(inner.kind, inner.items, said.subject) if said is not None and inner is not None else None


def _union(node: SetOperation) -> Collection | None:
    items: list[Node] = []
    for operand in node.operands:
        if node.operation != "union" or not isinstance(operand, Group) or operand.opening != "{":
            return None
        items += operand.items
    return Collection("set", tuple(items))


def _list(node: List, same: Same) -> Collection:
    """The items; what they are the values of is taken off when it is the same for all: `x = 1, x = 2`, `x = 1, 2`."""
    kind = "alternatives" if node.joined_by == "or" else "list"
    first = statement(node.items[0], same)
    if first is None or first.subject is None:
        return Collection(kind, node.items)
    values = [first.value]
    for item in node.items[1:]:
        said = statement(item, same)
        if said is not None and said.subject is not None:
            if type(said.subject) is not type(first.subject) or not agree(first.subject, said.subject):
                return Collection(kind, node.items)
            values.append(renamed(first, said).value)
        elif isinstance(item, Relation):
            return Collection(kind, node.items)
        else:
            values.append(item)
    return Collection(kind, tuple(values), first.subject)
