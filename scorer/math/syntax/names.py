r"""Symbols with their subscripts and primes, unknown functions, named sets, and words as parts of expressions."""

from fractions import Fraction

from scorer.math.syntax import brackets, commands, expressions, units
from scorer.math.syntax.build import MINUS_ONE, call, operand
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import Apply, Constant, Group, NamedSet, Node, NotReadable, Number, Sum, Symbol, Text

_CONSTANTS = ("e", "i")
_ALWAYS_FUNCTIONS = frozenset("fgFG")
_FUNCTIONS = frozenset([*"ABCDHIJKLMNOPQRSTUVWXYZ", *"hpquvywrs", "phi", "psi", "Phi", "Psi"])
_MAX_SUBSCRIPT = 60
_MOST_CORNERS = 4
_MOST_DIGITS = 9
_IN_SUBSCRIPT = frozenset(
    [
        "num",
        "letter",
        "name",
        "text",
        "word",
        "const",
        "func",
        "+",
        "-",
        "*",
        ",",
        "(",
        ")",
        "/",
        "rel",
        "dots",
        "{",
        "}",
        "_",
        "^",
        "based",
        "figure",
    ]
)
_GIVEN = frozenset(["|", "mid"])
_EVENTS = frozenset(["letter", "name", "num", "_", "'", "{", "}", "setop", "overline", ",", "rel"])


def letter_alone(c: Cursor) -> Node:
    """One letter, without what follows it."""
    text = c.advance().text
    return Constant(text) if text in _CONSTANTS and text not in c.bound else Symbol(text)


def symbol(c: Cursor) -> Node:
    """A letter with its subscript and primes, and its arguments if it is a function."""
    token = c.advance()
    name = token.text
    kind = c.kind
    if kind == "figure" and name == "m" and c.token.text == "angle":
        return figure(c)  # the measure of an angle
    primes = subscript = ""
    while kind in ("_", "'"):
        if kind == "'":
            c.advance()
            primes += "'"
        elif subscript:
            raise c.wrong()
        else:
            subscript = _subscript(c)
        kind = c.kind
    if subscript and kind == "^" and name in _SELECTIONS and not primes:
        selected = _selected(c, name, subscript[1:])
        if selected is not None:
            return selected
    name += subscript + primes
    if name == "P" and kind == "(":
        given = _given(c)
        if given:
            return Symbol(f"P({given})")
    if name == "Gamma" and kind == "(":
        return call("factorial", Sum((operand(brackets.bracketed(c)), MINUS_ONE)))
    if kind in ("(", "^") and token.kind in ("letter", "name"):
        applied = _applied(c, name)
        if applied is not None:
            return applied
    if name in _CONSTANTS and token.kind == "letter" and name not in c.bound:
        return Constant(name)
    return Symbol(name)


def _given(c: Cursor) -> str:
    r"""The events of a conditional probability, `P(A \mid B)`, which are passed; empty for anything else."""
    position = c.position + 1
    while c.tokens[position].kind in _EVENTS | _GIVEN and position - c.position < _MAX_SUBSCRIPT:
        position += 1
    inside = c.tokens[c.position + 1 : position]
    if c.tokens[position].kind != ")" or sum(token.kind in _GIVEN for token in inside) != 1:
        return ""
    c.go_to(position + 1)
    return "".join("|" if token.kind in _GIVEN else token.text or token.kind for token in inside)


_SELECTIONS = {"C": "binomial", "P": "permutations", "A": "permutations"}


def _selected(c: Cursor, name: str, below: str) -> Node | None:
    """`C_{10}^3`; None when the numbers do not allow it, or there is more than numbers."""
    braced = c.peek().kind == "{"
    token, after = (c.peek(2), c.peek(3)) if braced else (c.peek(), c.peek(2))
    whole = token.kind == "num" and token.text.isdigit() and below.isdigit() and len(token.text + below) < _MOST_DIGITS
    if not whole or int(below) < int(token.text) or (braced and after.kind != "}"):
        return None
    c.go_to(c.position + (4 if braced else 2))
    return call(_SELECTIONS[name], Number(Fraction(int(below))), Number(Fraction(int(token.text))))


def _subscript(c: Cursor) -> str:
    c.advance()
    if c.kind == "{":
        c.advance()
        parts: list[str] = []
        depth = 0
        while c.kind != "}" or depth:
            if c.kind not in _IN_SUBSCRIPT or len(parts) > _MAX_SUBSCRIPT:
                raise c.wrong()
            depth += (c.kind == "{") - (c.kind == "}")
            parts.append(c.advance().text.replace(" ", ""))
        c.advance()
        if not parts:
            raise c.wrong()
        return "_" + "".join(parts)
    if c.kind in ("num", "letter", "name", "text", "const", "func"):
        return "_" + c.advance().text.replace(" ", "")
    raise c.wrong()


def _applied(c: Cursor, name: str) -> Node | None:
    letter = name.rstrip("'").partition("_")[0]
    if letter in _CONSTANTS and letter == name:
        return None
    if c.kind == "^":
        if letter not in _ALWAYS_FUNCTIONS and letter not in _FUNCTIONS:
            return None
        if [c.peek(ahead).text for ahead in range(1, 5)] != ["{", "-", "1", "}"] or c.peek(5).kind != "(":
            return None
        for _ in range(5):
            c.advance()
        return Apply(f"{name}^-1", arguments(c))
    if letter in _ALWAYS_FUNCTIONS or name.endswith("'"):
        return Apply(name, arguments(c))
    if not _looks_applied(c, name, letter):
        return None
    return Apply(name, arguments(c))


def _looks_applied(c: Cursor, name: str, letter: str) -> bool:
    """Whether the bracket has plain symbols only, or numbers after a name that is used for functions."""
    if letter in "Pp" and expressions.is_condition(c):
        return True
    at = c.position + 1
    texts: list[str] = []
    numbers = 0
    while c.tokens[at].kind in ("letter", "name", "num"):
        texts.append(c.tokens[at].text)
        numbers += c.tokens[at].kind == "num"
        at += 1
        if c.tokens[at].kind != ",":
            break
        at += 1
    if c.tokens[at].kind != ")" or not texts or c.tokens[at - 1].kind == ",":
        return False
    if letter in texts:
        return False
    after = c.tokens[at + 1]
    if after.kind == "rel" and after.text == "=" and c.tokens[c.position - 2].kind in _BEFORE_SIDE:
        return True
    if letter in _FUNCTIONS:
        return not numbers or letter.isupper() or letter in "hpqy"
    return texts in (["t"], ["0"]) and letter in _OF_TIME


_BEFORE_SIDE = frozenset([",", ";", "join", "end", "row"])
"""What stands before one whole side of an equation; `end` is what the first place finds before itself."""
_OF_TIME = frozenset("xyzsabc")


def arguments(c: Cursor) -> tuple[Node, ...]:
    """What stands in the round brackets after the name of a function."""
    node = brackets.bracketed(c)
    if isinstance(node, Group) and node.opening == "(" and node.closing == ")":
        return node.items
    return (node,)


def wrapped(c: Cursor) -> Node:
    """Words where an operand is expected: a letter, the name of a set, or just words."""
    token = c.advance()
    words = token.text
    if len(words) == 1:
        if c.kind == "_":
            return Symbol(words + _subscript(c))
        return Constant(words) if words in _CONSTANTS else Symbol(words)
    named = units.named_set_in_words(words)
    if named is not None:
        return named
    if c.kind == "_":
        raise NotReadable("words with a subscript")
    return Text(" ".join(words.split()))


def named_set(c: Cursor) -> Node:
    """Blackboard letters, with a subscript."""
    name = c.advance().text
    if c.kind == "_":
        sign = _subscript(c)[1:].replace(" ", "")
        return NamedSet(_qualified(name, sign))
    return NamedSet(name)


_SIGNS = {"+": "+", ">0": "+", "-": "-", "<0": "-", "*": "*", "!=0": "*", "0": "0", ">=0": "0+", "<=0": "0-", "++": "+"}


def _qualified(name: str, sign: str) -> str:
    if sign not in _SIGNS:
        raise NotReadable("a set with an unknown mark")
    mark = _SIGNS[sign]
    if name == "Z" and mark == "0+":
        return "N0"
    if name == "N":
        return {"0": "N0", "0+": "N0", "+": "Z+", "*": "Z+"}.get(mark, "N" + mark)
    return name + mark


def raised_set(c: Cursor, base: NamedSet) -> Node | None:
    """`R^+` and alike; None when what follows is an exponent."""
    braced = c.kind == "{"
    token = c.peek() if braced else c.token
    after = c.peek(2) if braced else c.peek()
    if token.kind not in ("+", "-", "*") or (braced and after.kind != "}") or (not braced and after.kind == "num"):
        return None
    c.advance()
    if braced:
        c.advance()
        c.advance()
    return NamedSet(_qualified(base.name, token.kind))


def empty_set(c: Cursor) -> Node:
    """The sign of the empty set."""
    c.advance()
    return NamedSet("empty")


def as_set(node: Node) -> Node:
    """An operand of a set operation, or what stands right of `in`: a bare R is the reals there."""
    if isinstance(node, Symbol) and node.name in ("R", "Z", "Q", "N", "C"):
        return NamedSet(node.name)
    if isinstance(node, Number):
        raise NotReadable("a number is no set")
    return node


def vector(c: Cursor) -> Node:
    r"""`\vec{v}`, `\mathbf{v}`, `\hat{i}`: a symbol; around anything else they are only looks."""
    c.advance()
    if c.kind == "{":
        inner, closing = c.peek(), c.peek(2)
        if inner.kind in ("letter", "name") and closing.kind == "}":
            c.advance()
            c.advance()
            c.advance()
            return Symbol(inner.text + (_subscript(c) if c.kind == "_" else ""))
        if inner.kind == "letter" and closing.kind == "letter":
            raise NotReadable("an arrow over several letters")
        return brackets.group(c)
    if c.kind in ("letter", "name"):
        name = c.advance().text
        return Symbol(name + (_subscript(c) if c.kind == "_" else ""))
    if c.kind in ("num", "set"):
        return expressions.factor(c)
    raise c.wrong()


def figure(c: Cursor) -> Node:
    r"""`\angle ABC`, `\triangle ABC`: one symbol, named after the corners."""
    kind = c.advance().text
    if c.kind in ("num", "name"):
        return Symbol(f"{kind}_{c.advance().text}")
    corners = ""
    while c.kind == "letter" and len(corners) < _MOST_CORNERS and (not corners or c.token.text.isupper()):
        corners += c.advance().text
    if not corners:
        raise c.wrong()
    return Symbol(f"{kind}_{corners}")


def overlined(c: Cursor) -> Node:
    """The conjugate of what is no row of letters: a bar over `AB` is a segment, or digits."""
    c.advance()
    if c.kind == "{" and c.peek().kind == "letter" and c.peek(2).kind == "letter":
        if c.peek().text.isupper() and c.peek(2).text.isupper() and c.peek(3).kind == "}":
            return commands.argument(c)  # the segment AB
        raise NotReadable("a bar over several letters")
    node = commands.argument(c)
    if isinstance(node, Number):
        raise NotReadable("a bar over digits")
    return call("conjugate", operand(node))
