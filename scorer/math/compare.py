r"""Compares an answer with a gold answer as far as no computer algebra is needed.

What can be decided here is decided here: it is exact, takes microseconds, and cannot hang. `decide` returns None for
the rest, which goes to a worker process.
"""

from dataclasses import dataclass
from functools import lru_cache

from scorer.math.normalise import normalise, skeleton
from scorer.math.numbers import Number, numbers_equal, read_number


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


@lru_cache(maxsize=4096)
def read(text: str) -> Written:
    """Reads an answer; the golds of a group come many times, hence the cache."""
    normalised = normalise(text)
    return Written(normalised, skeleton(normalised), read_number(normalised))


def same_text(gold: str, answer: str) -> bool:
    """Whether two answers are the same letters, white space around them aside. For answers too long to be read."""
    return gold.strip() == answer.strip()


def decide(gold: Written, answer: Written) -> Decision | None:
    """Whether an answer is the gold answer, as far as text and exact numbers tell; None when they do not."""
    if gold.skeleton == answer.skeleton:
        return Decision(True, "exact_text")
    if gold.number is None or answer.number is None:
        return None
    if gold.number.unit and answer.number.unit and gold.number.unit != answer.number.unit:
        return None  # 5 m may be 500 cm
    return Decision(numbers_equal(gold.number, answer.number), "exact_number")
