r"""What stands in brackets: groups, tuples, intervals, sets and their builders, absolute values."""

from scorer.math.syntax import expressions, relations
from scorer.math.syntax.build import call, operand
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import (
    Call,
    Cases,
    Group,
    List,
    Matrix,
    NamedSet,
    Node,
    NotReadable,
    Relation,
    SetBuilder,
    SetOperation,
)

_MARKS = {"(": "(", "[": "[", "]": "]", "langle": "<", "\\{": "{", "{": "{"}
_CLOSINGS = {
    "(": {")": ")", "]": "]", "[": "["},
    "[": {")": ")", "]": "]", "[": "["},
    "]": {")": ")", "]": "]", "[": "["},
    "langle": {"rangle": ">"},
    "\\{": {"\\}": "}", "}": "}"},
    "{": {"}": "}", "\\}": "}"},
}
_BUILDER_MARKS = frozenset(["|", ":", "mid", "lbar", "rbar"])


def set_or_group(c: Cursor) -> Node:
    """`{...}` where LaTeX needs no braces: `{x | x > 0}` may be meant."""
    return group(c, "set")


def as_set(c: Cursor) -> Node:
    """`{1}` where a set is expected: one thing in bare braces is the set of it."""
    node = group(c, "set")
    return node if isinstance(node, Group | NamedSet | SetBuilder | SetOperation) else Group("{", "}", (node,))


def group(c: Cursor, inside: str = "{") -> Node:
    """`{...}`: LaTeX's braces around one expression, or a set written without backslashes."""
    before = c.enter(inside)
    c.advance()
    if c.accept("}"):
        c.leave(before)
        if c.kind in ("_", "^"):
            raise c.wrong()
        return Group("{", "}", ())
    node = expressions.expression(c)
    if c.kind == "}":
        c.advance()
        c.leave(before)
        return node
    if c.kind == "choose":
        c.advance()
        node = call("binomial", node, expressions.expression(c))
        c.expect("}")
        c.leave(before)
        return node
    c.inside = "set"
    node = _set(c, "{", node)
    c.leave(before)
    return node


def bracketed(c: Cursor) -> Node:
    """Brackets of any other kind with what is in them."""
    kind = c.kind
    if kind == "\\{":
        return _braces(c)
    before = c.enter("[" if kind == "[" else "]" if kind == "]" else "(")
    c.advance()
    if c.kind == "bmod":
        raise c.wrong()
    closings = _CLOSINGS[kind]
    if kind != "]" and c.kind in closings and closings[c.kind] == {"(": ")", "[": "]"}.get(kind):
        raise NotReadable("empty brackets")
    start = c.token.start
    items, joined = relations.items(c, first=None)
    closing = closings.get(c.kind)
    if closing is None:
        raise c.wrong()
    c.advance()
    c.leave(before)
    opening = _MARKS[kind]
    if opening + closing == "[]" and joined != "or" and (rows := _rows(items, c.source[start : c.token.start])):
        return Matrix(rows)
    if joined == "or" or any(isinstance(item, List) for item in items):
        raise NotReadable("alternatives in brackets, or commas that may be decimal ones")
    if len(items) == 1:
        if opening == "(" and closing == ")":
            return items[0]
        if isinstance(items[0], Matrix) and opening + closing in ("()", "[]"):
            return items[0]
        if opening + closing != "[]" and opening != "<":
            raise NotReadable("brackets of two kinds around one thing")
    return Group(opening, closing, tuple(items))


def _rows(items: list[Node], written: str) -> tuple[tuple[Node, ...], ...]:
    """The rows of `[1, 2; 3, 4]`; none where the commas may be decimal ones, or it is no matrix."""
    rows = tuple(item.items for item in items if isinstance(item, List))
    if not 1 < len(rows) == len(items) or any(len(row) != len(rows[0]) for row in rows):
        return ()
    return rows if len(rows) > 2 or len(rows[0]) > 2 or written.count(", ") >= len(rows) else ()


def _braces(c: Cursor) -> Node:
    before = c.enter("set")
    c.advance()
    if c.kind in ("\\}", "}"):
        c.advance()
        c.leave(before)
        return Group("{", "}", ())
    if c.kind == "begin":
        node = expressions.factor(c)
        if c.kind == "nothing":
            c.advance()
            c.leave(before)
            return system(node)
        if isinstance(node, Matrix | Cases) and c.kind not in ("\\}", "}"):
            c.leave(before)
            return system(node)
        raise NotReadable("a table in braces")
    node = _set(c, "\\{", None)
    c.leave(before)
    return node


def system(node: Node) -> Node:
    """What a table with a brace on its left says: equations that hold together, or the branches of a function."""
    if not isinstance(node, Matrix):
        return node
    width = max(len(row) for row in node.rows)
    if width == 1:
        return List(tuple(row[0] for row in node.rows), "and")
    if width == 2 and all(len(row) == 2 for row in node.rows):
        return Cases(tuple((row[0], row[1]) for row in node.rows))
    raise NotReadable("a table with a brace")


def _set(c: Cursor, kind: str, first: Node | None) -> Node:
    """The rest of a set, from its first element (which is read already, or None) on."""
    items, joined = relations.items(c, first=first)
    closings = _CLOSINGS[kind]
    if c.kind in _BUILDER_MARKS:
        if len(items) != 1:
            raise c.wrong()
        c.advance()
        c.inside = "builder"
        conditions, joined = relations.items(c, first=None)
        if joined == "or":
            conditions = [List(tuple(conditions), "or")]
        items = [SetBuilder(items[0], tuple(conditions))]
    elif joined == "or":
        raise NotReadable("alternatives in a set")
    if c.kind not in closings:
        raise c.wrong()
    c.advance()
    if isinstance(items[0], SetBuilder):
        return items[0]
    if len(items) == 1 and isinstance(items[0], NamedSet) and items[0].name != "empty":
        return items[0]
    if any(isinstance(item, Relation) for item in items) and kind == "{":
        raise NotReadable("relations in braces")
    return Group("{", "}", tuple(items), bare=kind == "{")


def bars(c: Cursor) -> Node:
    r"""`|x|`, the determinant of `|` matrix `|`, the norm `\|v\|`."""
    kind = c.kind
    before = c.enter("|" if kind == "lbar" else kind)
    c.advance()
    node = operand(expressions.expression(c))
    if c.kind not in (("rbar", "|") if kind == "lbar" else (kind, "rbar")):
        raise c.wrong()
    c.advance()
    if kind == "norm":
        c.leave(before)
        return Call("norm", (node,))
    c.leave(before)
    if isinstance(node, Matrix) and not node.determinant:
        return Matrix(node.rows, determinant=True)
    return Call("abs", (node,))


def rounding(c: Cursor) -> Node:
    r"""`\lfloor x\rfloor` and `\lceil x\rceil`."""
    function = "floor" if c.kind == "lfloor" else "ceil"
    before = c.enter("(")
    c.advance()
    node = operand(expressions.expression(c))
    c.expect("rfloor" if function == "floor" else "rceil")
    c.leave(before)
    return Call(function, (node,))
