r"""What is not mathematics in an answer: choices, dates, times, spelled numbers, words, sentences, code.

Comes before the parser, which then never sees prose. Mathematics is left alone: `xy`, `\sin x`, `ab + c`.
"""

import re
from collections.abc import Callable

from scorer.math.answers.choice import choice, text_of
from scorer.math.answers.code import looks_like_code
from scorer.math.answers.compound import mixed_measure
from scorer.math.answers.dates import date
from scorer.math.answers.decimal_comma import decimal_comma
from scorer.math.answers.english import DOUBTING, QUALIFYING, SAYING
from scorer.math.answers.spelled_numbers import number_word
from scorer.math.answers.spoken import spoken
from scorer.math.answers.times import time_of_day
from scorer.math.answers.words import words
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.normalise import skeleton
from scorer.math.plain import NAMES

_METHODS: tuple[Callable[[str, str, Options], Judgement | None], ...] = (
    date,
    time_of_day,
    mixed_measure,
    number_word,
    words,
)
_TOKEN = re.compile(r"(?<![^\s(\"'])[A-Za-z]+(?:'[a-z]+)?(?![^\s,.;:!?)\"'])")
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_SAYING = re.compile(r"[^\W\d_]{2}|[ap]\.m|['\"\u6708]|\d ?: ?\d\d")  # the last one is the sign of a month
_ONLY = re.compile(
    r"(?P<before>^[\s$]*)(?:\\text\s*\{\s*only\s*\}|only(?![A-Za-z]))(?!\s*(?:if|when)\b)"
    r"|(?:\\text\s*\{\s*only\s*\}|(?<=\s)only)(?=[\s$.]*$)",
    re.IGNORECASE,
)
_MOST_CHARS = 4000


def compare_wording(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    r"""Compares two answers as words and the like.

    Args:
        gold_text: The gold answer, best as it was written: `\text{ba}` is a word, and normalised it is a product.
        answer_text: The answer, best as it was written.
        options: What the task asks for.

    Returns:
        The judgement; None when this is mathematics.
    """
    if max(len(gold_text), len(answer_text)) > _MOST_CHARS:
        return None
    if looks_like_code(answer_text):
        equal = gold_text.strip() == answer_text.strip()
        return Judgement(Outcome.EQUAL if equal else Outcome.DIFFERENT, "code", gold_text, answer_text)
    decimal = decimal_comma(gold_text, answer_text, options)
    if decimal is not None:
        return decimal
    chosen = choice(gold_text, answer_text, options)
    if chosen is not None:
        return chosen
    gold_text = text_of(gold_text, options) or gold_text
    if not _says_something(gold_text) and not _says_something(answer_text):
        return None
    for method in _METHODS:
        judgement = method(gold_text, answer_text, options)
        if judgement is not None:
            return judgement
    if is_prose(answer_text):
        gold, answer = spoken(gold_text).text, spoken(answer_text).text
        # Unknowns keep their case: a sentence with mathematics in it is not folded.
        outcome = Outcome.EQUAL if skeleton(gold) == skeleton(answer) else Outcome.DIFFERENT
        return Judgement(outcome, "prose", gold, answer, "the answer is a sentence about an answer")
    return None


def without_only(text: str) -> str:
    """An answer without an "only", which says nothing: `\\text{only }x = 0`, "5 only"."""
    return _ONLY.sub(lambda match: match["before"] or "", text, count=1)


def _says_something(text: str) -> bool:
    """Whether there are letters beside each other, or marks of minutes or inches, outside of commands."""
    return _SAYING.search(_COMMAND.sub("", spoken(text).plain)) is not None


def is_prose(text: str) -> bool:
    """Whether an answer is a sentence that tells more than a value and the conditions for it."""
    tokens = [token.lower() for token in _TOKEN.findall(spoken(text).plain)]
    if not DOUBTING.isdisjoint(tokens):
        return True
    if not QUALIFYING.isdisjoint(tokens):
        return False
    long = [token for token in tokens if len(token) >= 3 and token not in NAMES]
    return len(long) >= 2 and not SAYING.isdisjoint(tokens)
