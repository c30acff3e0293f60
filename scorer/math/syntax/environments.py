r"""`\begin{...}`: matrices, tables, case distinctions, aligned equations."""

from scorer.math.syntax import relations
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import Cases, List, Matrix, Node, NotReadable, Relation, Text, TooLarge

_MATRICES = frozenset(["matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "vmatrix", "array"])
_ALIGNED = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "gathered",
        "gather",
        "gather*",
        "split",
        "eqnarray",
        "eqnarray*",
        "equation",
        "equation*",
    ]
)
_MAX_CELLS = 2500
_CONDITION_WORDS = ("if", "when", "for", "where", "otherwise", "else")


def environment(c: Cursor) -> Node:
    """An environment, to its end."""
    name = c.token.text
    before = c.enter("cell")
    c.advance()
    if name in _MATRICES:
        node = _matrix(c, name)
    elif name in ("cases", "dcases", "rcases"):
        node = _cases(c)
    elif name in _ALIGNED:
        node = _aligned(c)
    else:
        raise NotReadable(f"the environment {name}")
    if c.kind != "stop" or c.token.text != name:
        raise c.wrong()
    c.advance()
    c.leave(before)
    return node


def _matrix(c: Cursor, name: str) -> Node:
    if name == "array":
        _skip_columns(c)
    rows: list[tuple[Node, ...]] = []
    cells = 0
    while c.kind != "stop":
        row = [relations.item(c)]
        while c.accept("&"):
            row.append(relations.item(c))
        cells += len(row)
        if cells > _MAX_CELLS:
            raise TooLarge(f"a matrix with more than {_MAX_CELLS} entries")
        rows.append(tuple(row))
        if not c.accept("row"):
            break
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise NotReadable("a matrix with rows of several lengths")
    return Matrix(tuple(rows), determinant=name == "vmatrix")


def _skip_columns(c: Cursor) -> None:
    if c.kind == "[":
        raise c.wrong()
    c.expect("{")
    while c.kind in ("letter", "|", "@", "func", "word"):
        c.advance()
    c.expect("}")


def _cases(c: Cursor) -> Node:
    branches: list[tuple[Node, Node | None]] = []
    while c.kind != "stop":
        value = relations.item(c)
        c.accept(",")
        condition: Node | None = None
        if c.accept("&") or c.kind == "text":
            condition = _condition(c)
        branches.append((value, condition))
        if len(branches) > _MAX_CELLS:
            raise TooLarge(f"more than {_MAX_CELLS} cases")
        c.accept(",")
        c.accept(";")
        if not c.accept("row"):
            break
    if not branches:
        raise NotReadable("no case")
    if all(condition is None and isinstance(value, Relation) for value, condition in branches):
        return List(tuple(value for value, _ in branches), "and") if len(branches) > 1 else branches[0][0]
    return Cases(tuple(branches))


def _condition(c: Cursor) -> Node | None:
    if c.kind in ("text", "word") and c.token.text.split()[0].lower() in _CONDITION_WORDS:
        words = c.advance().text.split(maxsplit=1)
        if len(words) > 1:
            if c.kind in ("row", "stop", ",", "&"):
                return Text(words[1])
            raise c.wrong()
        if c.kind in ("row", "stop", ","):
            return Text(words[0].lower())
        c.accept(",")
        c.accept("&")
    if c.kind in ("row", "stop"):
        return None
    found, joined = relations.items(c, first=None)
    return found[0] if len(found) == 1 else List(tuple(found), joined)


def _aligned(c: Cursor) -> Node:
    lines: list[Node] = []
    while c.kind != "stop":
        c.accept("&")
        if c.kind == "rel" and lines:
            lines[-1] = relations.chain(c, lines[-1])
        else:
            lines.append(relations.item(c))
        if c.kind == "&":
            c.advance()
            lines[-1] = relations.chain(c, lines[-1])
        while c.kind in (",", ";", "join"):
            c.advance()
        if not c.accept("row"):
            break
    if not lines or len(lines) > _MAX_CELLS:
        raise NotReadable("no line, or too many")
    return lines[0] if len(lines) == 1 else List(tuple(lines), "and")
