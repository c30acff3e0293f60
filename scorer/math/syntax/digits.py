"""Numbers in digits: separators, decimals and their repetition, powers of ten, mixed numbers, bases."""

import re
from fractions import Fraction

from scorer.math.syntax import bases, mixed, repeating
from scorer.math.syntax.build import MINUS_ONE
from scorer.math.syntax.cursor import MAX_DIGITS, Cursor
from scorer.math.syntax.tree import Node, NotReadable, Number, Power, Product, TooLarge

_WRITTEN_OUT = 300
_NOT_DIGITS = re.compile(r"[^0-9.]")


def number(c: Cursor) -> Node:
    """A number with all that belongs to it."""
    node = plain(c)
    kind = c.kind
    if kind == "frac" and isinstance(node, Number) and node.value.denominator == 1 and not node.decimal:
        return mixed.with_fraction(c, node)
    if kind == "num":
        return mixed.with_slash(c, node)
    if kind == "_":
        raise c.wrong()
    return node


def plain(c: Cursor) -> Node:
    """A number in digits, without a fraction after it."""
    token = c.advance()
    text = token.text
    kind = c.kind
    if len(text) > MAX_DIGITS:
        raise TooLarge(f"a number with more than {MAX_DIGITS} digits")
    if kind == "end" and text.isdigit():
        return Number(Fraction(int(text)))
    if kind == "_":
        return bases.with_base(c, text)
    if kind in ("word", "text", "(") and bases.is_named(c):
        return bases.with_base(c, text)
    if kind == "," or (kind in ("num", "'") and text.isdigit()):
        text = _grouped(c, text)
        kind = c.kind
    if kind in ("overline", "dot", "dots", "(") and "." in text:
        repeated = repeating.repeating(c, text)
        if repeated is not None:
            return repeated
    return value_of(text)


def plain_without_base(c: Cursor) -> Node:
    """A bare number: a subscript after it belongs to something else."""
    token = c.advance()
    if len(token.text) > MAX_DIGITS:
        raise TooLarge(f"a number with more than {MAX_DIGITS} digits")
    return value_of(token.text)


def value_of(text: str) -> Node:
    """The number that digits with a point, separators and an exponent are."""
    mantissa, _, power = text.replace("E", "e").partition("e")
    if "{,}" in mantissa and (mantissa[0] == "0" or len(mantissa) - mantissa.index("{,}") != 6):
        mantissa = mantissa.replace("{,}", ".")
    if mantissa.count(".") > 1:
        mantissa = mantissa.replace(".", "")
    mantissa = _NOT_DIGITS.sub("", mantissa)
    whole, point, decimals = mantissa.partition(".")
    value = Fraction(int(whole + decimals or "0"), 10 ** len(decimals)) if point else Fraction(int(whole))
    exponent = int(power[:12]) if power else 0
    if abs(exponent) > _WRITTEN_OUT or len(power) > 12:
        return Product((Number(value, bool(decimals)), Power(Number(Fraction(10)), _integer(power))))
    return Number(value * Fraction(10) ** exponent, bool(decimals))


def _integer(digits: str) -> Node:
    if len(digits) > MAX_DIGITS:
        raise TooLarge(f"a number with more than {MAX_DIGITS} digits")
    value = Number(Fraction(abs(int(digits))))
    return Product((MINUS_ONE, value)) if digits[0] == "-" else value


def _grouped(c: Cursor, text: str) -> str:
    """Joins groups of three digits: `1,234,567`, `1 234 567`, `1'234`; commas inside brackets separate things."""
    mark = c.kind
    if len(text) > 3 or text[0] == "0" or not text.isdigit() or (mark == "," and _separates(c)):
        return text
    step = 1 if mark == "num" else 2
    end = c.position
    parts = [text]
    while True:
        token = c.tokens[end]
        if token.kind != mark or (mark != "num" and token.spaced):
            break
        if end + step > len(c.tokens) - 1:
            break
        group = c.tokens[end + step - 1]
        digits = group.text.partition(".")[0]
        if group.kind != "num" or (mark != "num" and group.spaced) or len(digits) != 3 or not digits.isdigit():
            break
        parts.append(group.text)
        end += step
        if "." in group.text:
            break
    follows_apart = c.tokens[end].kind == mark and c.tokens[end].spaced
    if len(parts) == 1 or (mark == "num" and c.tokens[end].kind in ("num", "/", "frac")):
        return text
    if c.tokens[end].kind == mark and mark == "," and not follows_apart and not c.tokens[end + 1].spaced:
        return text
    if mark == "num" and c.tokens[end].kind == "," and not c.tokens[end + 1].spaced:
        raise NotReadable("a comma that may be a decimal one")
    c.go_to(end)
    return "".join(parts)


def _separates(c: Cursor) -> bool:
    """Whether commas here separate things: in brackets, unless commas there have spaces or make groups of three."""
    if c.inside not in ("(", "[", "]", "set", "builder"):
        return False
    commas = [*_commas(c, range(c.position, min(len(c.tokens) - 1, c.position + 200)), _OPENING, _CLOSING)]
    commas += _commas(c, range(c.position - 1, max(0, c.position - 200), -1), _CLOSING, _OPENING)
    spaced = [position for position in commas if c.tokens[position + 1].spaced]
    close = [c.tokens[position + 1] for position in commas if not c.tokens[position + 1].spaced]
    return not spaced or any(token.kind != "num" or len(token.text.partition(".")[0]) != 3 for token in close)


_OPENING = frozenset(["(", "[", "\\{", "{"])
_CLOSING = frozenset([")", "]", "\\}", "}"])


def _commas(c: Cursor, positions: range, deeper: frozenset[str], higher: frozenset[str]) -> list[int]:
    """Places of the commas in the bracket that is open here, in one direction."""
    found: list[int] = []
    depth = 0
    for position in positions:
        kind = c.tokens[position].kind
        if kind in deeper:
            depth += 1
        elif kind in higher:
            depth -= 1
            if depth < 0:
                break
        elif kind == "," and depth == 0:
            found.append(position)
    return found
