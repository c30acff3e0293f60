r"""Units, magnitudes and degrees after a value, and the words that name sets."""

import re
from fractions import Fraction

from scorer.math.si import are_symbols
from scorer.math.syntax.build import operand
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tokens import Token
from scorer.math.syntax.tree import NamedSet, Node, NotReadable, Number, Product, Quantity
from scorer.math.units import canonical_unit, split_magnitude

_BEYOND = frozenset(
    [",", ";", "rel", "join", "+", "-", "setop", "]", "\\}", "row", "&", "end", "pm", ":", "to", "stop"]
)
_SPACE = re.compile(r"\\[,;:! ]|~|\\q?quad(?![a-zA-Z])")
_STYLE = re.compile(r"\\(?:text\w*|math\w+|mbox|hbox|operatorname|rm)\s*\{([^{}]*)\}")
_PERCENT = re.compile(r"\s*(?:percent|per cent|percentage|pct\.?)\s*", re.IGNORECASE)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_ORDINALS = ("st", "nd", "rd", "th")
_HALF_DAY = re.compile(r"\b([ap])\.m\b\.?")
_SHORT = frozenset(["cm", "mm", "km", "kg", "ft", "yd", "lb", "in"])
"""Units of two letters that are read after more than a number, too."""
_SYMBOLS = re.compile(r"[A-Za-z]+(?:\^(?:-?\d|\{-?\d\}))?(?:[ /*][A-Za-z]+(?:\^(?:-?\d|\{-?\d\}))?)*")
_LETTERS = re.compile(r"[a-z](?:[^A-Za-z]+[a-z])*(?:\^\{?\d\}?)?")
_ENDS = frozenset(["end", ",", ";", "rel", "join", "row", "stop", "&"])
_OF_NUMBERS = frozenset(["num", "*", "^", "{", "}", "+", "-", "frac", "/", "(", ")", "sqrt", "const", "pm"])
_MAX_UNIT = 120
_REALS = re.compile(
    r"(?:the )?(?:set of )?(?:all )?(?:the )?real(?:s| numbers?)|(?:all|any|every) reals?(?: numbers?)?", re.IGNORECASE
)
_OTHER_SETS = {
    "all integers": "Z",
    "the integers": "Z",
    "integers": "Z",
    "the set of integers": "Z",
    "the set of all integers": "Z",
    "all rational numbers": "Q",
    "rational numbers": "Q",
    "natural numbers": "N",
    "all natural numbers": "N",
    "all complex numbers": "C",
    "complex numbers": "C",
    "all positive real numbers": "R+",
    "positive real numbers": "R+",
    "all positive reals": "R+",
    "positive integers": "Z+",
    "all positive integers": "Z+",
    "all negative real numbers": "R-",
    "empty set": "empty",
    "the empty set": "empty",
    "null set": "empty",
}


def named_set_in_words(words: str) -> NamedSet | None:
    """The set that words name: "all real numbers", "the empty set"."""
    words = " ".join(words.split())
    if _REALS.fullmatch(words):
        return NamedSet("R") if words.lower() not in ("real", "real number") else None
    name = _OTHER_SETS.get(words.lower())
    return NamedSet(name) if name else None


def may_begin(c: Cursor) -> bool:
    """Whether a unit may begin here, as far as one token and the one before it tell."""
    token, before = c.token, c.tokens[c.position - 1]
    if token.kind != "letter":
        return True
    if token.run < 2:
        return token.spaced and before.kind in _OF_NUMBERS
    return before.kind in _OF_NUMBERS or (
        token.spaced and (token.run > 2 or c.source[token.start : token.start + 2] in _SHORT)
    )


def with_unit(c: Cursor, node: Node) -> Node | None:
    """The value with the unit or the magnitude that follows it; None when none does, and then nothing is passed."""
    if isinstance(node, Quantity) and node.unit not in ("dollar",):
        return None
    first = c.token
    if (
        first.kind == "("
        and c.peek().kind not in ("text", "word")
        and not (c.peek().run > 1 and c.peek().kind == "letter")
    ):
        return None
    if first.kind == "func" and (first.text not in ("sec", "min") or c.peek().kind not in ("end", ",", ")", "join")):
        return None
    before = c.tokens[c.position - 1]
    if first.kind == "letter" and first.spaced and _is_symbol(c):
        return _with_symbol(c, node)
    if first.kind == "letter":
        if first.run < 2 and not (
            first.text == "m" and c.peek().kind == "/" and c.peek(2).text == "s" and first.spaced
        ):
            return None
        if first.run == 2 and not first.spaced and first.text + c.peek().text in _ORDINALS:
            raise NotReadable("an ordinal number")
        short = c.source[first.start : first.start + 2] in _SHORT
        if before.kind != "num" and not (first.spaced and (first.run > 2 or short)):
            return None
    if first.kind == "frac" and c.peek(2).kind != "text":
        return None
    end = _end_of_unit(c)
    start = c.tokens[c.position - 1].end
    if end == c.position or c.tokens[end - 1].end - start > _MAX_UNIT:
        return None
    written = c.source[start : c.tokens[end - 1].end]
    found = _read(written, isinstance(node.value if isinstance(node, Quantity) else node, Number))
    if found is None:
        return None
    factor, unit = found
    value = node.value if isinstance(node, Quantity) else node
    if isinstance(node, Quantity):
        if unit:
            combined = canonical_unit(f" {node.unit}s{written}")
            unit = combined or ""
            if not combined:
                return None
        else:
            unit = node.unit
    if factor != 1:
        value = Product((operand(value), Number(Fraction(factor))))
    c.go_to(end)
    return Quantity(operand(value), unit) if unit else value


def _is_symbol(c: Cursor) -> bool:
    """Whether the letters here are a unit behind a number that stands alone: `5 N`, `5\\,m`, `12 g/mol`."""
    if not c.token.run:
        return False
    written = c.source[c.token.start : c.tokens[_end_of_unit(c) - 1].end].strip()
    if len(written) > _MAX_UNIT or _SYMBOLS.fullmatch(written) is None or not are_symbols(written):
        return False
    space = c.source[c.tokens[c.position - 1].end : c.token.start]
    if _LETTERS.fullmatch(written) and not ("\\" in space or "~" in space or "^-" in written or "{-" in written):
        return False  # unknowns
    if c.tokens[_end_of_unit(c)].kind not in _ENDS:
        return False
    position = c.position - 1
    while position >= 0 and c.tokens[position].kind in _OF_NUMBERS:
        position -= 1
    return position < 0 or c.tokens[position].kind in _ENDS


def _with_symbol(c: Cursor, node: Node) -> Node | None:
    end = _end_of_unit(c)
    written = c.source[c.token.start : c.tokens[end - 1].end].replace("{", "").replace("}", "")
    unit = canonical_unit(rf"\text{{ {written}}}")
    if unit is None:
        return None
    c.go_to(end)
    return Quantity(operand(node), unit)


def _end_of_unit(c: Cursor) -> int:
    depth = 0
    position = c.position
    while True:
        token: Token = c.tokens[position]
        kind = token.kind
        if (kind in _BEYOND and not (kind == "-" and depth)) or position - c.position > _MAX_UNIT:
            return position
        if kind in ("(", "{"):
            depth += 1
        elif kind in (")", "}"):
            if not depth:
                return position
            depth -= 1
        elif (kind == "*" and c.tokens[position + 1].kind not in ("text", "letter")) or kind == "|":
            return position
        position += 1


def _read(written: str, is_number: bool) -> tuple[int, str] | None:
    text = _SPACE.sub(" ", written).replace("$", "" if written[:1] != "$" else " ")
    text = _HALF_DAY.sub(r"\1m", text)
    words = _STYLE.sub(r"\1", text)
    if _PERCENT.fullmatch(words):
        return 1, "%"
    text = _FRACTION.sub(r"\1/\2", text)
    factor, rest = split_magnitude(text) if is_number else (1, text)
    if not rest.strip():
        return (factor, "") if factor != 1 else None
    rest = rest.replace("*", " ")
    unit = canonical_unit(rest if rest[0] == " " or factor == 1 else " " + rest)
    return None if unit is None else (factor, unit)


def fraction_of_words(c: Cursor) -> Node | None:
    r"""A fraction of units where an operand is expected is not readable."""
    if c.kind == "{" and c.peek().kind == "text" and c.peek(2).kind == "}" and len(c.peek().text) > 1:
        raise NotReadable("a fraction of words")
    return None


def degrees(c: Cursor, node: Node) -> Node:
    """The value with the degree sign behind it; with C or F it is a temperature, with minutes a sum."""
    if isinstance(node, Quantity):
        raise NotReadable("a unit behind a unit")
    after = c.token.text if c.kind in ("letter", "text") and c.peek().kind not in ("num", "(") else ""
    if after in ("C", "F", "Celsius", "Fahrenheit"):
        c.advance()
        return Quantity(operand(node), "degree celsius" if after[0] == "C" else "degree fahrenheit")
    if c.kind == "num" and isinstance(node, Number) and c.peek().kind == "'":
        minutes = int(c.token.text) if c.token.text.isdigit() and len(c.token.text) < 3 else 60
        if minutes >= 60:
            raise NotReadable("minutes of an angle")
        c.advance()
        c.advance()
        value = node.value + Fraction(minutes, 60)
        if c.kind == "'":
            raise NotReadable("minutes of an angle")
        if c.kind == "num" and c.peek().kind == "'" and c.peek(2).kind == "'" and c.token.text.isdigit():
            value += Fraction(int(c.token.text[:3]), 3600)
            for _ in range(3):
                c.advance()
        return Quantity(Number(value), "degree")
    return Quantity(operand(node), "degree")


def minutes(c: Cursor, node: Node) -> Node:
    """A prime behind anything but a name is not readable."""
    raise c.wrong()


def priced(c: Cursor, value: Node, unit: str) -> tuple[Node, str]:
    """An amount of money with the magnitude or the "per hour" that follows it."""
    if c.kind in ("text", "word") or (c.kind == "letter" and c.token.run > 1):
        found = with_unit(c, Quantity(operand(value), unit))
        if isinstance(found, Quantity):
            return found.value, found.unit
    return value, unit
