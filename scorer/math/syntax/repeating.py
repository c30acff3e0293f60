"""Decimals that repeat: a bar, dots over digits, a bracket, or dots at the end."""

from fractions import Fraction

from scorer.math.syntax.cursor import MAX_DIGITS, Cursor
from scorer.math.syntax.tree import Node, NotReadable, Number, TooLarge


def repeating(c: Cursor, text: str) -> Node | None:
    """The decimal with the period that follows; None when none does."""
    kind = c.kind
    if "e" in text.lower():
        return None
    if kind == "overline":
        period = _digits_after(c, "{", "}")
    elif kind == "dot":
        period = _dotted(c)
    elif kind == "dots":
        c.advance()
        text, period = _pattern(text)
    else:
        inner, closing = c.peek(), c.peek(2)
        if c.token.spaced or inner.kind != "num" or not inner.text.isdigit() or closing.kind != ")":
            return None
        c.advance()
        c.advance()
        c.advance()
        period = inner.text
    if c.kind == "dots":
        c.advance()
    if c.kind in ("num", "overline", "dot", "dots"):
        raise NotReadable("digits after the period of a decimal")
    if len(period) + len(text) > MAX_DIGITS:
        raise TooLarge(f"a number with more than {MAX_DIGITS} digits")
    whole, _, decimals = text.partition(".")
    start = Fraction(int(whole + decimals or "0"), 10 ** len(decimals))
    return Number(start + Fraction(int(period), (10 ** len(period) - 1) * 10 ** len(decimals)))


def _digits_after(c: Cursor, opening: str, closing: str) -> str:
    c.advance()
    if c.kind == opening:
        c.advance()
        digits = c.expect("num").text
        c.expect(closing)
    else:
        digits = c.expect("num").text
        if len(digits) > 1:
            raise NotReadable("which digits have the bar")
    if not digits.isdigit():
        raise NotReadable("a period that is not of digits")
    return digits


def _dotted(c: Cursor) -> str:
    """Dots over the first and the last digit of the period, or over each."""
    digits = _digits_after(c, "{", "}")
    if len(digits) != 1:
        raise NotReadable("a dot over several digits")
    if c.kind == "num" and not c.token.spaced and c.peek().kind == "dot":
        digits += c.advance().text
        return digits + _digits_after(c, "{", "}")
    while c.kind == "dot":
        digits += _digits_after(c, "{", "}")
    return digits


def _pattern(text: str) -> tuple[str, str]:
    """Splits `0.1666` before dots into `0.1` and the period `6`, which was written three times, or two if longer."""
    whole, _, decimals = text.partition(".")
    for length in range(1, len(decimals) // 2 + 1):
        period = decimals[-length:]
        times = 1
        while decimals.endswith(period * (times + 1)) and times < 4:
            times += 1
        if times >= (3 if length < 3 else 2):
            return f"{whole}.{decimals[: len(decimals) - length]}", period
    raise NotReadable("a decimal that goes on in an unknown way")
