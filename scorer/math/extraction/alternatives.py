"""Two spellings of one value: "3/4 or 0.75", "seven (7)"."""

import re
from fractions import Fraction

from scorer.math.answers.spelled_numbers import read_spelled
from scorer.math.normalise import normalise
from scorer.math.numbers import read_number

_MOST_CHARS = 200
_TEXT = re.compile(r"\\(?:text|mbox)\s?\{([^{}]*)\}")
_BRACKETED = re.compile(r"([^()]+?) \((or |i\.e\.,? |that is,? )?([^()]+)\)")
_OR = re.compile(r"(.+?)(?:\s|(?<=[\d}$]))or\s(.+)")


def one_of_equals(text: str) -> str:
    """The first of two spellings when both are the same number, and figures before words; other text as it is.

    `5 (5)` stays as it is: a product.
    """
    if len(text) > _MOST_CHARS or not ("or" in text or text.rstrip("$ ").endswith(")")):
        return text
    plain = " ".join(_TEXT.sub(r"\1", text).split())
    bracketed, joined = _BRACKETED.fullmatch(plain), _OR.fullmatch(plain)
    if bracketed:
        one, word, other = bracketed.groups()
    elif joined:
        (one, other), word = joined.groups(), "or"
    else:
        return text
    (first, spelled), (second, also_spelled) = _value(one), _value(other)
    if first is None or first != second or not (word or spelled or also_spelled):
        return text
    return (other if spelled else one).strip()


def _value(text: str) -> tuple[Fraction | None, bool]:
    """The plain number that a text is, and whether it is spelled out."""
    number = read_number(normalise(text))
    if number is not None:
        clear = number.base is None and not number.unit
        return (number.value / 100 if number.percent else number.value) if clear else None, False
    spelled = read_spelled(text.strip().lower())
    return (spelled.value, True) if spelled and not spelled.after else (None, False)
