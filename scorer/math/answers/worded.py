"""Sets of real numbers that are said in words: "no solution", "all positive real numbers", "all reals except 1"."""

import re
from fractions import Fraction

from scorer.math.answers.intervals import ALL, EMPTY, Complement, Interval, Region, Union, point
from scorer.math.syntax.tree import Number

_ZERO = Number(Fraction(0))
_EMPTY = re.compile(r"(?:there (?:is|are) )?no (?:real )?solutions?|(?:the )?empty set|none")
_REALS = re.compile(
    r"(?:the )?(?:set of )?(?:all )?(?:the )?(\S+ )?real(?: number)?s?(?: (?:except|but|other than) (.+))?"
)
_SIGNS: dict[str, Region] = {
    "": ALL,
    "positive": Interval(_ZERO, None),
    "negative": Interval(None, _ZERO),
    "nonnegative": Interval(_ZERO, None, lower_closed=True),
    "nonpositive": Interval(None, _ZERO, upper_closed=True),
    "nonzero": Complement(point(_ZERO)),
}
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9}|/[1-9]\d{0,8})?")
_MOST_CHARS = 200


def region_in_words(words: str) -> Region | None:
    """The set that words describe; None when they describe none."""
    text = " ".join(words.lower().rstrip(".").split())
    if len(text) > _MOST_CHARS:
        return None
    if _EMPTY.fullmatch(text):
        return EMPTY
    match = _REALS.fullmatch(text)
    region = _SIGNS.get((match[1] or "").strip().replace("-", "")) if match else None
    if match is None or region is None or match[2] is None:
        return region
    left_out = re.split(r",? and |, ?", match[2])
    if not all(map(_NUMBER.fullmatch, left_out)):
        return None
    return _without(region, [Number(Fraction(number)) for number in left_out])


def _without(region: Region, numbers: list[Number]) -> Region:
    return Complement(Union((Complement(region), *map(point, numbers))))
