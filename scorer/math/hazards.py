r"""What is not worth a worker's time, known by looking.

Evaluating `9^{9^{9^{9}}}` never ends, and the parser takes exponential time in the depth of brackets. Such an answer is
undecided at once instead of after the time limit. It is not called wrong, because it may be right (`9^{9^{9}}` for
`9^{9^{9}}` written otherwise).
"""

import math
import re

from scorer.math.plain import powers_of_ten

MAX_DEPTH = 40
"""Brackets inside brackets. Answers of real problems stay below 15."""
MAX_POWER_DIGITS = 1_000_000
"""Decimal digits of a power of integers. Far above what `numbers.read_number` reads."""
_MAX_LEVELS = 16
_STEP = re.compile(r"\s*\)?\}?\s*\^\s*\{?\(?\s*[-+]?\s*(\d{1,400})")
_START = re.compile(r"(?<!\d)(\d{1,400})(?=\s*\)?\s*\^)")


def hazard(text: str) -> str:
    """Why a normalised text should not be evaluated; empty when it may be."""
    text = powers_of_ten(text)
    if _depth(text) > MAX_DEPTH:
        return f"brackets are nested more than {MAX_DEPTH} deep"
    for start in _START.finditer(text):
        if _digits(_tower(text, start)) > MAX_POWER_DIGITS:
            return f"a power has more than {MAX_POWER_DIGITS} digits"
    return ""


def _tower(text: str, start: re.Match[str]) -> list[int]:
    """The integers of `a^{b^{c}}`; signs of exponents are left aside."""
    levels = [int(start[1])]
    end = start.end()
    while len(levels) < _MAX_LEVELS and (step := _STEP.match(text, end)):
        levels.append(int(step[1]))
        end = step.end()
    return levels


def _digits(levels: list[int]) -> float:
    """Decimal digits of a tower, at least; infinite when not even that is small."""
    if levels[0] < 2 or len(levels) == 1:
        return math.log10(max(levels[0], 1))
    exponent_digits = _digits(levels[1:])
    return math.inf if exponent_digits > 15 else 10**exponent_digits * math.log10(levels[0])


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "({[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")}]":
            depth -= 1
    return deepest
