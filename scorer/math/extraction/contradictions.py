"""Answers that exclude each other.

A response that announces one value after another in the hope that one of them counts gives no answer. One that thinks
on, calculates, or says that it was mistaken before it announces another value corrects itself, and the last one counts.
"""

import re
from collections.abc import Iterable

from scorer.math.extraction.doubts import corrects
from scorer.math.extraction.places import Found
from scorer.math.normalise import normalise
from scorer.math.numbers import numbers_equal, read_number

_CLOSE_CHARS = 120
_PART = re.compile(r"\([a-h]\)|\b(?:part|question|step|first|second|problem)\b", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_CHOICE = re.compile(r"\(?([A-J])\)?")
_WORD = re.compile(r"[A-Za-z]{2,20}")


def contradicted(response: str, answer: Found, others: Iterable[Found]) -> bool:
    """Whether another answer close by excludes this one.

    Args:
        response: Where they stand.
        answer: The one that would count.
        others: All others before it or all others behind it, the nearest first.
    """
    here = answer
    for other in others:
        first, second = (other, here) if other.start < here.start else (here, other)
        between = response[first.end : second.start]
        if len(between) > _CLOSE_CHARS or _DIGIT.search(between) or corrects(between):
            return False
        if _PART.search(response, first.start, second.end):
            return False
        if _exclude(answer.text, other.text):
            return True
        here = other
    return False


def _exclude(one: str, other: str) -> bool:
    """Whether two texts are certainly different answers: numbers, letters of choices, or words such as yes and no."""
    one, other = normalise(one), normalise(other)
    first, second = read_number(one), read_number(other)
    if first is not None and second is not None:
        return not numbers_equal(first, second)
    choices = _CHOICE.fullmatch(one), _CHOICE.fullmatch(other)
    if choices[0] and choices[1]:
        return choices[0][1] != choices[1][1]
    return bool(_WORD.fullmatch(one) and _WORD.fullmatch(other)) and one.casefold() != other.casefold()
