r"""Whole answers: lists of relations and expressions, chains of relations, ratios, labels."""

import re

from scorer.math.syntax import brackets, commands, expressions, names, quantifiers, units
from scorer.math.syntax.build import operand
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import (
    Apply,
    Call,
    Group,
    Labelled,
    List,
    NamedSet,
    Node,
    NotReadable,
    Product,
    Quantity,
    Ratio,
    Relation,
    SetOperation,
    Symbol,
    Text,
)

MAX_ITEMS = 1000
_MOST_WORDS = 8


def answer(c: Cursor) -> Node:
    """Everything up to the end."""
    found, joined = items(c, first=None)
    spelled = any(token.kind == "join" and token.text == "and" for token in c.tokens)
    node = found[0] if len(found) == 1 else List(tuple(found), joined, spelled)
    if not quantifiers.begins(c):
        return node
    said = quantifiers.read(c)
    if isinstance(node, List) and node.joined_by == "or":
        found = [node]
    return List((*found, *said), "and") if said else node


def items(c: Cursor, first: Node | None) -> tuple[list[Node], str]:
    """Things separated by commas, semicolons, "and" and "or", and what joins the last two.

    "or" binds least, then semicolons, then commas and "and"; `1, 2 or 3` is one list.
    """
    node = item(c, first)
    separators = _SEPARATORS if c.inside == "" else _SEPARATORS_INSIDE
    if c.kind not in separators:
        return [node], "and"
    alternatives: list[list[list[Node]]] = [[[node]]]
    count = 0
    while c.kind in separators:
        count += 1
        if count > MAX_ITEMS:
            raise NotReadable(f"more than {MAX_ITEMS} things in a list")
        kind = c.kind
        joint = c.advance().text
        if kind != "join":
            if c.kind == "row":
                kind = c.advance().kind
            if c.kind == "join":
                kind, joint = "join", c.advance().text
        if kind in (",", ";", "row") and (c.kind == "end" or quantifiers.begins(c)):
            break
        node = item(c)
        if kind == "join" and joint == "or":
            alternatives.append([[node]])
        elif kind in (";", "row"):
            alternatives[-1].append([node])
        else:
            alternatives[-1][-1].append(node)
    if len(alternatives) == 1:
        return _one_level(alternatives[0]), "and"
    if all(len(parts) == 1 for parts in alternatives):
        flat = [part[0] for part in alternatives]
        if all(len(part) == 1 for part in flat[1:]):
            return [*flat[0], *(part[0] for part in flat[1:])], "or"
    return [_as_node(_one_level(parts)) for parts in alternatives], "or"


def _one_level(parts: list[list[Node]]) -> list[Node]:
    if len(parts) == 1:
        return parts[0]
    return [_as_node(part) for part in parts]


def _as_node(found: list[Node]) -> Node:
    return found[0] if len(found) == 1 else List(tuple(found), "and")


_SEPARATORS_INSIDE = frozenset([",", ";", "join"])
_SEPARATORS = _SEPARATORS_INSIDE | {"row"}


def item(c: Cursor, first: Node | None = None) -> Node:
    """One thing of a list: an expression, or a chain of relations."""
    if c.kind in _WORDS and c.token.text.split()[0].lower() in _OF_ALL and c.inside == "":
        node = _all_but(c)
        if node is not None:
            return node
    if c.kind == "word":
        return _named(c)
    if c.kind == "rel" and c.token.text == "approx" and c.position == 0:
        return chain(c, Text(""))
    node = expressions.expression(c) if first is None else first
    if (c.kind == ":" and c.inside not in ("set", "builder")) or _says_to(c):
        node = _ratio(c, node)
    if c.kind in ("pmod", "("):
        node = _with_modulus(c, node)
    if c.kind == "rel" or c.kind == "not" or (c.kind == "mid" and c.inside != "set"):
        node = chain(c, node)
    if c.kind == "(" and c.inside == "":
        return List((node, brackets.bracketed(c)), "and")
    return _point(_labelled(node))


_WORDS = frozenset(["word", "text"])
_OF_ALL = frozenset(["all", "any", "every", "real", "reals"])
_BUT = re.compile(r"(?P<set>.*?) (?:except(?: for)?|excluding|other than|but)")


def _all_but(c: Cursor) -> Node | None:
    """`all real numbers except 2`; None for other words, and then nothing is passed."""
    start = c.position
    words: list[str] = []
    while c.kind in _WORDS and len(words) < _MOST_WORDS:
        words.append(c.advance().text)
    said = _BUT.fullmatch(" ".join(" ".join(words).split()))
    all_of = units.named_set_in_words(said["set"]) if said else None
    if all_of is None or c.kind == "end":
        c.go_to(start)
        return None
    if c.kind in ("letter", "name") and c.peek().text == "=":
        c.advance()
        c.advance()
    left_out, _ = items(c, first=None)
    if any(isinstance(node, Relation | Text | List) for node in left_out):
        raise NotReadable("what is left out of a set")
    if len(left_out) == 1 and isinstance(left_out[0], Group | SetOperation | NamedSet):
        return SetOperation("difference", (all_of, left_out[0]))
    return SetOperation("difference", (all_of, Group("{", "}", tuple(left_out))))


def _named(c: Cursor) -> Node:
    """`Area = 25`: words are the first side of an equation."""
    words: list[str] = []
    while c.kind in ("word", "text"):
        words.append(c.advance().text)
    if c.token.text != "=":
        raise c.wrong()
    return chain(c, Text(" ".join(words)))


def _point(node: Node) -> Node:
    """`A(1, 2)`: a capital letter and a tuple name a point, whatever else they could mean."""
    if isinstance(node, Apply) and len(node.arguments) > 1:
        name, body = node.name, Group("(", ")", node.arguments)
    elif isinstance(node, Product) and len(node.factors) == 2:
        label, second = node.factors
        if not isinstance(label, Symbol) or not isinstance(second, Group) or second.opening + second.closing != "()":
            return node
        name, body = label.name, second
    else:
        return node
    return Labelled(name, body) if len(name) == 1 and name.isupper() else node


def _ratio(c: Cursor, node: Node) -> Node:
    parts = [operand(node)]
    while c.accept(":") or (_says_to(c) and c.advance()):
        parts.append(operand(expressions.expression(c)))
    last = parts[-1]
    if isinstance(last, Quantity) and not any(isinstance(part, Quantity) for part in parts[:-1]):
        return Quantity(Ratio((*parts[:-1], last.value)), last.unit)
    return Ratio(tuple(parts))


def _says_to(c: Cursor) -> bool:
    """Whether the word of a ratio stands here: `3 to 4`."""
    return c.kind in ("word", "text") and c.token.text == "to" and c.inside == "" and c.peek().kind == "num"


def chain(c: Cursor, node: Node) -> Node:
    """The relations that follow a first side."""
    sides = [node]
    operators: list[str] = []
    while c.kind in ("rel", "not") or (c.kind == "mid" and c.inside != "set"):
        negated = c.accept("not")
        operator = "divides" if c.kind == "mid" else c.token.text
        if negated:
            operator = {"=": "!=", "in": "notin"}.get(operator, "")
            if not operator:
                raise c.wrong()
        c.advance()
        c.accept("&")
        if c.kind == "rel" and operator in "<>" and c.token.text == "=" and not c.token.spaced:
            c.advance()
            operator += "="
        sets = operator in ("in", "notin", "subset")
        right = brackets.as_set(c) if sets and c.kind == "{" else expressions.expression(c)
        if (c.kind == ":" and c.inside not in ("set", "builder")) or _says_to(c):
            right = _ratio(c, right)
        if operator == "equiv":
            right = _with_modulus(c, right)
        if sets:
            right = names.as_set(right)
        sides.append(right)
        operators.append(operator)
        if len(sides) > MAX_ITEMS:
            raise NotReadable("a chain of too many relations")
    return Relation(tuple(sides), tuple(operators))


def _with_modulus(c: Cursor, right: Node) -> Node:
    if c.kind == "pmod":
        c.advance()
        return Call("mod", (operand(right), commands.argument(c)))
    if c.kind == "(" and c.peek().kind in ("bmod", "mod"):
        c.advance()
        c.advance()
        modulus = expressions.expression(c)
        c.expect(")")
        return Call("mod", (operand(right), operand(modulus)))
    if c.kind == "mod":
        c.advance()
        return Call("mod", (operand(right), operand(expressions.expression(c))))
    return right


def _labelled(node: Node) -> Node:
    """`A = (1, 2)` names a point."""
    if isinstance(node, Relation) and node.operators == ("=",):
        left, right = node.sides
        named = isinstance(left, Symbol) and left.name[:1].isupper() and "'" not in left.name and len(left.name) <= 4
        if named and isinstance(right, Group) and right.opening + right.closing == "()":
            assert isinstance(left, Symbol)
            return Labelled(left.name, right)
    return node
