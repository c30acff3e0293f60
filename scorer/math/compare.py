r"""Compares an answer with a gold answer as far as no computer algebra is needed.

What can be decided here is decided here: it is exact, takes microseconds, and cannot hang. `decide` returns None for
the rest, which goes to a worker process.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from scorer.math.normalise import normalise, skeleton
from scorer.math.numbers import Number, numbers_equal, read_number
from scorer.math.vocabulary import CANONICAL

_UNITS = frozenset(CANONICAL.values())
_WRAPPED = re.compile(r"\\(?:text|mbox|mathrm)\s?\{")
_OF_UNITS = re.compile(r"([A-Za-z]+)(?:\^[23])?(?:/([A-Za-z]+)(?:\^[23])?)?")
_THINGS = re.compile(r"[a-z]{3,}(?: [a-z]{3,})*")
_CURRENCY = re.compile(r"[$€£¥₹]|USD|Rs")


@dataclass(frozen=True)
class Written:
    """An answer as text and, if it is one, as a number."""

    text: str
    """Normalised."""
    skeleton: str
    """For comparison letter by letter."""
    number: Number | None


@dataclass(frozen=True)
class Decision:
    """What is certain without computer algebra."""

    equal: bool
    rule: str
    """"exact_text" or "exact_number"."""


_GOES_ON = re.compile(r"(?:\.\.|…|\\[lc]?dots)\W*$")
"""Dots behind a number: `0.333...`, which normalising takes for the end of a sentence."""


_FEW_DIGITS = 18
CACHED_CHARS = 1000
"""A longer text is read again each time: texts that are kept must not fill the memory."""


def read(text: str) -> Written:
    """Reads an answer."""
    return _read_before(text) if len(text) <= CACHED_CHARS else _read(text)


@lru_cache(maxsize=4096)  # the golds of a group come many times
def _read_before(text: str) -> Written:
    return _read(text)


def _read(text: str) -> Written:
    if text.isascii() and text.isdigit() and len(text) <= _FEW_DIGITS:  # most of all answers
        return Written(text, text, Number(Fraction(int(text))))
    normalised = normalise(text)
    number = None if _GOES_ON.search(text) else read_number(normalised)
    return Written(normalised, skeleton(normalised), number)


def _marks(written: Written, number: Number) -> set[str]:
    """What stands beside a number: percent sign, currency, unit."""
    return {*_CURRENCY.findall(written.text), "%" if number.percent else "", number.unit} - {""}


def _is_clear(written: Written, number: Number) -> bool:
    """Whether it has neither a base nor beside it what could be anything but a unit or counted things: `x cm`."""
    if number.base is not None or number.bare_unit:
        return False
    if not number.unit or number.unit in _UNITS or _THINGS.fullmatch(number.unit):
        return True
    units = _OF_UNITS.fullmatch(number.unit) if _WRAPPED.search(written.text) else None
    return units is not None and all(name in _UNITS for name in units.groups() if name)


def same_text(gold: str, answer: str) -> bool:
    """Whether two answers are the same letters, white space around them aside. For answers too long to be read."""
    return gold.strip() == answer.strip()


def decide(gold: Written, answer: Written) -> Decision | None:
    """Whether an answer is the gold answer, as far as text and exact numbers tell; None when they do not."""
    if gold.skeleton == answer.skeleton:
        return Decision(True, "exact_text")
    if gold.number is None or answer.number is None:
        return None
    if not (_is_clear(gold, gold.number) and _is_clear(answer, answer.number)):
        return None
    marks = _marks(gold, gold.number), _marks(answer, answer.number)
    if all(marks) and marks[0] != marks[1]:
        return None  # 5 m may be 500 cm, $5 is 5 dollars, 5% is not 5 cm
    return Decision(numbers_equal(gold.number, answer.number), "exact_number")
