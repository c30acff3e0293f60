r"""Compares an answer with a gold answer as far as no computer algebra is needed.

What can be decided here is decided here: it is exact, takes microseconds, and cannot hang. `decide` returns None for
the rest, which goes to a worker process.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from scorer.math.normalise import normalise, skeleton
from scorer.math.numbers import Number, numbers_equal, read_number
from scorer.math.plain import ALL_REALS, NAMES

_WORD = re.compile(
    r"[\s$]*(?:\\[(\[])?\s*\\(?:text(?:bf|it|rm|normal)?|mathrm|mathbf|mbox)\s*\{\s*([A-Za-z]{2,})\s*\}\s*(?:\\[)\]])?[\s$.]*"
)
_LETTERS = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_NOT_WORDS = NAMES | {"and", "or"}  # those join lists
_CHOICE = re.compile(r"\(?([A-J])\)?(?:[.:)]\s.*)?", re.DOTALL)
_CHOICE_GOLD = re.compile(r"\(?([A-J])\)?\.?")


@dataclass(frozen=True)
class Written:
    """An answer as text and, if it is one, as a number."""

    text: str
    """Normalised."""
    skeleton: str
    """For comparison letter by letter."""
    number: Number | None
    word: bool
    """It is letters that spell something: `\\text{ba}`, `DNA`, and not a product of unknowns such as `xyz`."""


@dataclass(frozen=True)
class Decision:
    """What is certain without computer algebra."""

    equal: bool
    rule: str
    """"exact_text" or "exact_number"."""


@lru_cache(maxsize=4096)
def read(text: str) -> Written:
    """Reads an answer; the golds of a group come many times, hence the cache."""
    normalised = normalise(text)
    return Written(normalised, skeleton(normalised), read_number(normalised), _is_word(text, normalised))


def _is_word(text: str, normalised: str) -> bool:
    wrapped = _WORD.fullmatch(text)
    if wrapped:
        return wrapped[1].lower() not in NAMES
    runs = normalised.split()
    if not _LETTERS.fullmatch(normalised) or ALL_REALS.fullmatch(normalised) or max(map(len, runs)) < 3:
        return False
    return (len(runs) > 1 or not normalised.islower()) and not _NOT_WORDS.intersection(normalised.lower().split())


def same_text(gold: str, answer: str) -> bool:
    """Whether two answers are the same letters, white space around them aside. For answers too long to be read."""
    return gold.strip() == answer.strip()


def decide(gold: Written, answer: Written) -> Decision | None:
    """Whether an answer is the gold answer, as far as text and exact numbers tell; None when they do not."""
    if gold.skeleton == answer.skeleton:
        return Decision(True, "exact_text")
    if gold.number is not None and answer.number is not None:
        return Decision(numbers_equal(gold.number, answer.number), "exact_number")
    choice = _CHOICE_GOLD.fullmatch(gold.skeleton)
    if choice is not None:
        chosen = _CHOICE.fullmatch(answer.text)
        if chosen is not None and chosen[1] == choice[1]:
            return Decision(True, "exact_text")
    if gold.word or answer.word:
        return Decision(False, "exact_text")
    return None
