r"""Lists of names in brackets, `(red, blue)` or `\{Alice, Bob\}`, and of counted names: "3 red, 2 blue"."""

import re

from scorer.math.answers.spoken import Spoken, fold, is_words
from scorer.math.judgement import Options

SEPARATOR = re.compile(r"\s*(?:[,;]\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*)", re.IGNORECASE)
"""What stands between the things of a list."""

_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_COUNTED = re.compile(r"\d{1,9}(?:\.\d{1,9})? [A-Za-z][A-Za-z -]*")
_NAME = re.compile(r"[^\W\d_][^\W\d_]+(?:[ -][^\W\d_]+)*")
_MOST_ITEMS = 40


def same_names(gold: str, answer: str, options: Options) -> bool | None:
    """Whether two lists are the same; None when one of them is no such list, or counted things are not all the same.

    Args:
        gold: The gold answer without commands around its words.
        answer: The answer, likewise.
        options: What the task asks for: names in round brackets are in order, others are not, unless it says otherwise.
    """
    golds, answers = _counted(gold), _counted(answer)
    if golds and answers:
        return True if sorted(golds) == sorted(answers) and not options.order_matters else None
    opening, golds = _bracketed(gold)
    other, answers = _bracketed(answer)
    if not golds or not answers:
        return None
    ordered = options.order_matters or (options.order_matters is None and "(" in (opening, other))
    return golds == answers if ordered else sorted(golds) == sorted(answers)


def _counted(plain: str) -> list[str]:
    items = SEPARATOR.split(plain)
    counted = 1 < len(items) <= _MOST_ITEMS and all(_COUNTED.fullmatch(item) for item in items)
    return [fold(item) for item in items] if counted else []


def _bracketed(plain: str) -> tuple[str, list[str]]:
    plain = plain.replace(r"\{", "{").replace(r"\}", "}")
    if len(plain) < 3 or _BRACKETS.get(plain[0]) != plain[-1]:
        return "", []
    items = SEPARATOR.split(plain[1:-1].strip())
    names = all(_NAME.fullmatch(item) for item in items) and len(items) <= _MOST_ITEMS
    if not names or not any(is_words(Spoken(item, item, wrapped=False)) for item in items):
        return "", []
    return plain[0], [fold(item) for item in items]
