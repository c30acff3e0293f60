r"""Measures given in several units at once: "1 hour 30 minutes", "5 feet 3 inches", `60^\circ 42'`.

They are equal to any measure of the same kind with the same value: 90 minutes, 1.5 hours, 63 inches.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from scorer.math.answers.spoken import spoken
from scorer.math.answers.unit_factors import convertible
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.numbers import read_number

_FIGURE = r"(\d+(?:\.\d+)?(?:\s*\\frac\{\d+\}\{\d+\}|\s+\d+/\d+)?)"
_PART = re.compile(rf"\s*(?:,\s*|and\s+|,\s*and\s+)?{_FIGURE}\s*([A-Za-z]+\.?)")
_MINUTES = r"(\d+(?:\.\d+)?)\s*(?:'|\^\{?\\prime\}?)"
_ANGLE = re.compile(rf"(\d+)\s*\^\{{\\circ\}}\s*{_MINUTES}(?:\s*(\d+(?:\.\d+)?)\s*(?:''|\"))?")
_FEET = re.compile(r"(\d+)\s*'\s*(\d+(?:\.\d+)?)\s*(?:''|\")?")
_HOURS = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_MOST_CHARS = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """A value in the base unit of its kind."""

    value: Fraction
    kind: str
    parts: int


def mixed_measure(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    """Compares two measures when at least one of them is given in several units.

    Returns:
        The judgement; None when neither is, or one of the two is no measure.
    """
    del options
    gold, answer = read_measure(gold_text), read_measure(answer_text)
    gold = gold or _hours(gold_text, answer)
    answer = answer or _hours(answer_text, gold)
    if gold is None or answer is None or max(gold.parts, answer.parts) < 2:
        return None
    outcome = Outcome.EQUAL if (gold.value, gold.kind) == (answer.value, answer.kind) else Outcome.DIFFERENT
    return Judgement(outcome, "mixed_measure", f"{gold.value} {gold.kind}", f"{answer.value} {answer.kind}")


def read_measure(text: str) -> Measure | None:
    """The measure that a text is, all of it; None when it is something else."""
    said = spoken(text).plain.strip(" .")
    if len(said) > _MOST_CHARS:
        return None
    if angle := _ANGLE.fullmatch(said):
        degrees = Fraction(angle[1]) + Fraction(angle[2]) / 60 + Fraction(angle[3] or 0) / 3600
        return Measure(degrees, "angle", 2)
    inch = convertible("in")
    if inch is not None and (length := _FEET.fullmatch(said)):
        return Measure((12 * Fraction(length[1]) + Fraction(length[2])) * inch.factor, inch.dimension, 2)
    parts = _parts(said)
    if not parts:
        number = read_number(spoken(text).text)
        name = "dollar" if said.startswith("$") else number.unit if number is not None else ""
        unit = convertible(name) if name else None
        return Measure(number.value * unit.factor, unit.dimension, 1) if number and unit else None
    units = [convertible(unit) for _, unit in parts]
    known = [unit for unit in units if unit is not None]
    factors = [unit.factor for unit in known]
    if len(known) < len(parts) or len({unit.dimension for unit in known}) > 1:
        return None
    if any(small >= large for large, small in pairwise(factors)):
        return None
    total = sum((value * unit.factor for (value, _), unit in zip(parts, known, strict=True)), start=Fraction(0))
    return Measure(total, known[0].dimension, len(parts))


def _parts(said: str) -> list[tuple[Fraction, str]]:
    parts: list[tuple[Fraction, str]] = []
    position = 0
    while match := _PART.match(said, position):
        number = read_number(f"{match[1]} {match[2].rstrip('.')}")
        if number is None or not number.unit:
            return []
        parts.append((number.value, number.unit))
        position = match.end()
    return parts if len(parts) >= 2 and position == len(said) else []


def _hours(text: str, other: Measure | None) -> Measure | None:
    """`1:30` beside "1 hour 30 minutes"."""
    match = _HOURS.fullmatch(spoken(text).plain)
    second = convertible("s")
    if match is None or other is None or second is None or other.kind != second.dimension or other.parts < 2:
        return None
    seconds = 3600 * int(match[1]) + 60 * int(match[2]) + int(match[3] or 0)
    return Measure(seconds * second.factor, second.dimension, 2)
