"""Numbers in digits: separators, decimals and their repetition, powers of ten, mixed numbers, bases."""

import re
from fractions import Fraction

from scorer.math.syntax.build import MINUS_ONE
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.tree import Based, Node, NotReadable, Number, Power, Product, Sum, TooLarge

MAX_DIGITS = 4000
"""Of one number; Python refuses to print more than 4,300."""
_WRITTEN_OUT = 300
_NOT_DIGITS = re.compile(r"[^0-9.]")
_NAMES = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
]
_BASES = {name: base for base, name in enumerate(_NAMES, start=2)} | {"binary": 2, "octal": 8, "hex": 16}


def number(c: Cursor) -> Node:
    """A number with all that belongs to it."""
    node = plain(c)
    kind = c.kind
    if kind == "frac" and isinstance(node, Number) and node.value.denominator == 1 and not node.decimal:
        return _mixed_with_fraction(c, node)
    if kind == "num":
        return _mixed_with_slash(c, node)
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
        return _with_base(c, text)
    if kind in ("word", "text", "(") and _names_base(c):
        return _with_base(c, text)
    if kind == "," or (kind in ("num", "'") and text.isdigit()):
        text = _grouped(c, text)
        kind = c.kind
    if kind in ("overline", "dot", "dots", "(") and "." in text:
        repeated = _repeating(c, text)
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
    c.position = end - 1
    c.advance()
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


def _repeating(c: Cursor, text: str) -> Node | None:
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


def _mixed_with_fraction(c: Cursor, whole: Number) -> Node:
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
    c.position = after - 1
    c.advance()
    return Sum((whole, fraction))


def _mixed_with_slash(c: Cursor, whole: Node) -> Node:
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


def based(c: Cursor) -> Node:
    """Digits that the lexer found before a base."""
    digits = c.advance().text
    if digits[:2] in ("0x", "0b"):
        return _based(digits[2:], 16 if digits[1] == "x" else 2)
    return _with_base(c, digits)


def _names_base(c: Cursor) -> bool:
    """Whether "base 5" follows, maybe in brackets."""
    word, after = (c.peek(), c.peek(2)) if c.kind == "(" else (c.token, c.peek())
    return word.kind in ("word", "text") and word.text in ("base", "in base") and after.kind == "num"


def _with_base(c: Cursor, digits: str) -> Node:
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
