"""Mixed numbers: a whole number with a proper fraction right behind it."""

from fractions import Fraction

from scorer.math.syntax.build import MINUS_ONE
from scorer.math.syntax.cursor import MAX_DIGITS, Cursor
from scorer.math.syntax.tree import Node, NotReadable, Number, Power, Product, Sum, TooLarge


def with_fraction(c: Cursor, whole: Number) -> Node:
    """`3\\frac12`; other fractions after a number make a product."""
    start = c.position
    end = c.tokens[start + 1]
    parts: tuple[str, str]
    if end.kind == "num" and end.text.isdigit() and len(end.text) == 2:
        parts = (end.text[0], end.text[1])
        after = start + 2
    else:
        texts = [token.text for token in c.tokens[start + 1 : start + 7]]
        if len(texts) == 6 and texts[0] == texts[3] == "{" and texts[2] == texts[5] == "}":
            parts, after = (texts[1], texts[4]), start + 7
        elif len(texts) >= 4 and texts[0] == "{" and texts[2] == "}":
            parts, after = (texts[1], texts[3]), start + 5
        elif len(texts) >= 4 and texts[1] == "{" and texts[3] == "}":
            parts, after = (texts[0], texts[2]), start + 5
        else:
            return whole
    if not (parts[0].isdecimal() and parts[1].isdecimal()):
        return whole
    fraction = _proper(*parts)
    c.go_to(after)
    return Sum((whole, fraction))


def with_slash(c: Cursor, whole: Node) -> Node:
    """`3 1/2`."""
    above, slash, below = c.token, c.peek(), c.peek(2)
    is_mixed = (
        isinstance(whole, Number)
        and whole.value.denominator == 1
        and above.spaced
        and slash.kind == "/"
        and below.kind == "num"
        and above.text.isdigit()
        and below.text.isdigit()
        and c.peek(3).kind not in ("^", "_", "!", "num")
    )
    if not is_mixed:
        raise NotReadable("two numbers side by side")
    fraction = _proper(above.text, below.text)
    c.advance()
    c.advance()
    c.advance()
    return Sum((whole, fraction))


def _proper(above: str, below: str) -> Node:
    if len(above) > MAX_DIGITS or len(below) > MAX_DIGITS:
        raise TooLarge(f"a number with more than {MAX_DIGITS} digits")
    if int(above) >= int(below):
        raise NotReadable("a whole number before an improper fraction")
    return Product((Number(Fraction(int(above))), Power(Number(Fraction(int(below))), MINUS_ONE)))
