"""Finds gold answers that no answer can be compared with, before a run starts.

Words, names and sentences are fine golds; what is empty, cut off, a placeholder or a program is none. Of a gold that is
a whole solution only its answer has to be fine.
"""

import re

from scorer.math.answers.code import looks_like_code
from scorer.math.compare import read
from scorer.math.gold_text import answer_in_prose, answer_of_gold
from scorer.math.judgement import Options
from scorer.math.understand import unreadable

MAX_WORDS = 250
"""A gold with more words is an essay: no answer is ever the same."""

READ_CHARS = 2000
"""A longer gold is compared as text only (`math.max_answer_chars`), and need not be readable."""
_NUMBER = r"-?(?:\\?\$)?\d+(?:[.,]\d+)*+"  # possessive: its commas must not be tried as those of a list
_FINE = re.compile(
    rf"{_NUMBER}(?:/\d+)?(?:\\?%|\^\\circ)?|-?\\[dt]?frac\{{\d+\}}\{{\d+\}}|[a-zA-Z]"
    rf"|[(\[]{_NUMBER}(?:, ?{_NUMBER})*+[)\]]"
)
"""Most golds: nothing can be wrong with them, and to see so at once makes the whole service faster."""
_PLACEHOLDER_WORDS = "n/a na nan null tbd todo unknown? ? ?? ??? - -- ---"
_PLACEHOLDERS = frozenset(_PLACEHOLDER_WORDS.split())
_BRACES = re.compile(r"\\[{}\\]")
_ENDS_IN = re.compile(
    r"(?:(?<!\\)[-+*/_=<]|\\(?:[dtc]?frac|binom|sqrt|text|boxed|times|cdot|div|le|leq|ge|geq|ne|in|cup|cap))$"
)
_ITEM_LABEL = re.compile(r"^\W*\w{1,2}\)")
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([a-zA-Z*]+)\}")


def check(gold: str, options: Options) -> str | None:
    """Why a gold answer cannot be judged by.

    Args:
        gold: The gold answer as the task gives it.
        options: What the task asks for: where there are choices, a text may be anything that one of them is.

    Returns:
        A sentence for the author of the task; None when nothing is wrong with it.
    """
    if _FINE.fullmatch(gold) or (gold.strip() and gold.strip() in options.choices):
        return None
    reason = _reason(answer_of_gold(gold), options)
    if reason is None or not (stated := answer_in_prose(gold)):
        return reason
    return _reason(stated, options)


def _reason(answer: str, options: Options) -> str | None:
    text = read(answer).text
    if not text:
        return "the gold answer is empty"
    if text.lower() in _PLACEHOLDERS or text == "None":  # "none" is an answer, `None` what a program prints
        return "the gold answer is a placeholder"
    if not re.search(r"[^\W_]|\\(?:emptyset|infty|varnothing|oslash|\{)|[\u0370-\u03ff∅∞]|\{\}", text):
        return "the gold answer is only punctuation"
    if looks_like_code(answer):
        return "the gold answer is program text"
    if len(answer.split()) > MAX_WORDS:
        return f"the gold answer has more than {MAX_WORDS} words"
    broken = _broken(answer)
    if broken is None and len(answer) <= READ_CHARS and (reason := unreadable(answer, options)):
        return f"the gold answer cannot be read: {reason}"
    return broken


def _broken(gold: str) -> str | None:
    braces = _BRACES.sub("", gold)
    depth = 0
    for character in braces:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    if depth:
        return "the gold answer has braces that do not match"
    opened: list[str] = []
    for match in _ENVIRONMENT.finditer(gold):
        if match[1] == "begin":
            opened.append(match[2])
        elif not opened or opened.pop() != match[2]:
            return "the gold answer has environments that do not match"
    if opened:
        return "the gold answer has environments that do not match"
    if len(re.findall(r"\\left(?![a-zA-Z])", gold)) != len(re.findall(r"\\right(?![a-zA-Z])", gold)):
        return r"the gold answer has a \left without its \right"
    brackets = _ITEM_LABEL.sub("", gold)  # intervals mix the kinds of brackets: [0, 1)
    if len(re.findall(r"[(\[]", brackets)) != len(re.findall(r"[)\]]", brackets)):
        return "the gold answer has brackets that do not match"
    if _ENDS_IN.search(gold.rstrip(" $.\\")):
        return "the gold answer ends in the middle"
    return None
