"""Digits with a base: as a subscript in digits or words, or said behind them."""

from scorer.math.syntax.cursor import MAX_DIGITS, Cursor
from scorer.math.syntax.tree import Based, Node, NotReadable, TooLarge

_NAMES = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_BASES = {name: base for base, name in enumerate(_NAMES.split(), start=2)} | {"binary": 2, "octal": 8, "hex": 16}


def based(c: Cursor) -> Node:
    """Digits that the lexer found before a base."""
    digits = c.advance().text
    if digits[:2] in ("0x", "0b"):
        return _based(digits[2:], 16 if digits[1] == "x" else 2)
    return with_base(c, digits)


def is_named(c: Cursor) -> bool:
    """Whether "base 5" follows, maybe in brackets."""
    word, after = (c.peek(), c.peek(2)) if c.kind == "(" else (c.token, c.peek())
    return word.kind in ("word", "text") and word.text in ("base", "in base") and after.kind == "num"


def with_base(c: Cursor, digits: str) -> Node:
    """The number that digits are with the base behind them."""
    if c.kind != "_":
        bracket = c.accept("(")
        c.advance()
        node = _based(digits, _base_of(c.advance().text))
        if bracket:
            c.expect(")")
        return node
    c.expect("_")
    braced = c.accept("{")
    bracket = c.accept("(")
    if braced and is_named(c):
        c.advance()
    token = c.advance()
    name = token.text.lower()
    if token.kind == "letter" and token.run > 1:
        while c.kind == "letter" and not c.token.run:
            name += c.advance().text
    if bracket:
        c.expect(")")
    if braced:
        c.expect("}")
    return _based(digits, _base_of(name.removeprefix("base").strip()))


def _base_of(name: str) -> int:
    base = int(name) if name.isdigit() and len(name) <= 2 else _BASES.get(name)
    if base is None:
        raise NotReadable("a subscript of a number that is no base")
    return base


def _based(digits: str, base: int) -> Node:
    digits = digits.upper()
    if not digits.isalnum() or not 2 <= base <= 36 or any(int(digit, 36) >= base for digit in digits):
        raise NotReadable("digits that their base does not have")
    if len(digits) > MAX_DIGITS // 2:
        raise TooLarge(f"a number with more than {MAX_DIGITS // 2} digits and a base")
    return Based(digits.lstrip("0") or "0", base, int(digits, base))
