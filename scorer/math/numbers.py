r"""Exact reading of plain numbers, so that most answers need no computer algebra.

A number is an optional sign and currency, then an integer (with thousands separators or not), a decimal, a fraction
(`a/b`, `\frac{a}{b}`), a mixed number, scientific notation or digits with a base, then optionally a percent sign, a
degree sign or words (a magnitude such as "million", a unit). Everything else is not a plain number and is left to the
symbolic comparison.

Rules for comparing (the policy of docs/math.md): values are exact, rounding is wrong; a unit may be added or left out,
a changed unit is wrong; 50% is 50 and 0.5; a base may be left out, a changed base is wrong.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from scorer.math.units import canonical_unit, may_be_unknowns, split_magnitude

MAX_DIGITS = 2000
"""Longer digit strings are not read; products of them stay far below what slows integers down."""

_INTEGER = r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)"
_DECIMAL = rf"(?:{_INTEGER}(?:\.\d*)?|\.\d+)"
_POWER = (
    r"(?:\s*(?:\\times|\\cdot|\*)\s*10\s*(?:\^|\*\*)\s*(?:\{\s*([-+]?\d{1,4})\s*\}|(-?\d{1,4}))|[eE]([-+]?\d{1,4}))"
)
_CURRENCY = r"(?:[$€£¥₹]|US\$|USD\b|Rs\.?)"
_SIGNS = rf"\s*+([-+]?)\s*+{_CURRENCY}?\s*+([-+]?)\s*+"  # possessive: four ways to share white space would be slow
_NUMBER = re.compile(rf"{_SIGNS}({_DECIMAL})(?:{_POWER})?(?![\d,.])")
_RATIO = re.compile(rf"{_SIGNS}({_DECIMAL})\s*/\s*([-+]?)({_DECIMAL})(?![\d,.])")
_FRACTION = re.compile(
    rf"{_SIGNS}(?:({_INTEGER})\s*)?\\frac\s*\{{\s*([-+]?)\s*({_DECIMAL})\s*\}}\s*\{{\s*([-+]?)\s*({_DECIMAL})\s*\}}"
)
_MIXED = re.compile(rf"{_SIGNS}({_INTEGER})\s+({_INTEGER})\s*/\s*({_INTEGER})(?![\d,.])")
_BASED = re.compile(r"\s*\(?\s*([0-9A-Za-z]+)\s*\)?\s*_\s*(?:\{\s*(?:\\text\s*\{\s*(\w+)\s*\}|(\w+))\s*\}|(\d))\s*")
_REPEATING = re.compile(rf"{_SIGNS}(\d*\.\d*)\\overline\s*\{{\s*(\d+)\s*\}}")
_NAMES = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"  # of bases
_BASE_NAMES = {name: base for base, name in enumerate(_NAMES.split(), start=2)}


@dataclass(frozen=True)
class Number:
    """A plain number as it was written."""

    value: Fraction
    percent: bool = False
    """Written with a percent sign; `value` is then the figure in front of it."""
    unit: str = ""
    """Canonical name of the unit; empty when there is none."""
    bare_unit: bool = False
    """The unit is a single letter that could be an unknown as well."""
    base: int | None = None
    """The base that was written; None when there was none. `digits` then are the digits."""
    digits: str = ""


def read_number(text: str) -> Number | None:
    """The number that a normalised text is, the whole of it; None when it is something else or too long."""
    if sum(character.isdigit() for character in text) > MAX_DIGITS:
        return None
    text = text.strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1 and "," not in text:
        text = text[1:-1].strip()
    based = _read_based(text)
    if based is not None:
        return based
    for pattern, value_of in _READERS:
        match = pattern.match(text)
        if match is None:
            continue
        value = value_of(match)
        if value is None:
            return None
        factor, after = split_magnitude(text[match.end() :])
        value *= factor
        rest = after.strip()
        if rest.startswith("%") or re.match(r"(?:\\text\s*\{\s*)?percent\b", rest):
            tail = re.sub(r"^(?:%|(?:\\text\s*\{\s*)?percent\s*\}?)", "", rest).strip()
            return Number(value, percent=True) if not tail else None
        if not rest:
            return Number(value)
        unit = canonical_unit(after)
        return None if unit is None else Number(value, unit=unit, bare_unit=may_be_unknowns(after))
    return None


def numbers_equal(gold: Number, answer: Number) -> bool:
    """Whether an answer is the gold number, by the rules at the top of this file."""
    if gold.base is not None or answer.base is not None:
        return _bases_agree(gold, answer)
    if gold.unit and answer.unit and gold.unit != answer.unit:
        return False
    if (gold.bare_unit and not answer.unit) or (answer.bare_unit and not gold.unit):
        return False
    if gold.percent != answer.percent:
        percent, plain = (gold.value, answer.value) if gold.percent else (answer.value, gold.value)
        return plain in (percent, percent / 100)
    return gold.value == answer.value


def _bases_agree(gold: Number, answer: Number) -> bool:
    if gold.base is not None and answer.base is not None:
        return gold.base == answer.base and gold.value == answer.value
    based, plain = (gold, answer) if gold.base is not None else (answer, gold)
    if plain.unit or plain.percent:
        return False
    same_digits = based.digits.isdigit() and plain.value == int(based.digits)
    return same_digits or (gold.base is None and gold.value == answer.value)


def _sign(*signs: str) -> int:
    return -1 if signs.count("-") % 2 else 1


def _plain(digits: str) -> Fraction:
    digits = digits.replace(",", "")
    return Fraction(digits if digits[0] != "." else "0" + digits)


def _number(match: re.Match[str]) -> Fraction | None:
    exponent = int(match[4] or match[5] or match[6] or 0)
    if abs(exponent) > MAX_DIGITS:
        return None
    return _sign(match[1], match[2]) * _plain(match[3]) * Fraction(10) ** exponent


def _ratio(match: re.Match[str]) -> Fraction | None:
    below = _plain(match[5])
    return None if below == 0 else _sign(match[1], match[2], match[4]) * _plain(match[3]) / below


def _fraction(match: re.Match[str]) -> Fraction | None:
    below = _plain(match[7])
    if below == 0:
        return None
    part = _plain(match[5]) / below
    if match[3] is None:
        return _sign(match[1], match[2], match[4], match[6]) * part
    if match[4] or match[6] or "." in match[5] + match[7]:
        return None
    return _sign(match[1], match[2]) * (_plain(match[3]) + part)


def _mixed(match: re.Match[str]) -> Fraction | None:
    below = _plain(match[5])
    return None if below == 0 else _sign(match[1], match[2]) * (_plain(match[3]) + _plain(match[4]) / below)


def _repeating(match: re.Match[str]) -> Fraction | None:
    whole, _, decimals = match[3].partition(".")
    period = match[4]
    tail = Fraction(int(period), (10 ** len(period) - 1) * 10 ** len(decimals))
    return _sign(match[1], match[2]) * (Fraction(f"{whole or 0}.{decimals or 0}") + tail)


def _read_based(text: str) -> Number | None:
    match = _BASED.fullmatch(text)
    if match is None:
        return None
    name = (match[2] or match[3] or match[4]).lower()
    base = int(name) if name.isdigit() and len(name) <= 2 else _BASE_NAMES.get(name)
    digits = match[1].upper()
    if base is None or not 2 <= base <= 36 or any(int(digit, 36) >= base for digit in digits):
        return None
    return Number(Fraction(int(digits, base)), base=base, digits=digits.lstrip("0") or "0")


_READERS = [(_MIXED, _mixed), (_REPEATING, _repeating), (_RATIO, _ratio), (_FRACTION, _fraction), (_NUMBER, _number)]
