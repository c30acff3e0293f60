r"""Answers that are words: `\text{even}`, `Monday`, `no solution`, `June 20`, and the letters of choices."""

import re

from scorer.math.syntax.lexer import is_word, looks_like_a_word
from scorer.math.syntax.tokens import WORDS
from scorer.math.syntax.tree import Node, Text
from scorer.math.syntax.units import named_set_in_words

_WRAPPED = re.compile(
    r"\$?\s*\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox)\s*\{\s*([A-Za-z][A-Za-z ,.'-]*)\}\s*\.?\s?\$?"
)
_WORDS = re.compile(r"[A-Za-z]+(?:[ '-]+[A-Za-z]+)*\.?")
_PHRASE = re.compile(r"[A-Za-z0-9 ,.'/:()&;-]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_CHOICE = re.compile(
    r"(?:\(([A-J])\)|([A-J])[).])\s+(?=[\w$({\[.]|-[\d.]|\\(?:[dt]?frac|sqrt|text|pi|infty|\$|\{|\())|\\text(?:bf|rm)?\s*\{\s*\(?([A-J])[).]\)?\s*\}\s*(?=\S)"
)
_MATHEMATICS = frozenset(WORDS) - {"and", "or", "AND", "OR", "Or", "And", "min", "sec", "max", "union", "emptyset"}


def whole(text: str) -> Node | None:
    """The words or the named set that a whole text is; None when it may be mathematics."""
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped:
        words = wrapped[1].strip(" .")
        if len(words) == 1:
            return None
        if words not in _MATHEMATICS and not _is_list(words):
            return named_set_in_words(words) or Text(" ".join(words.split()))
        return None
    if _WORDS.fullmatch(text) is None:
        return None
    words = text.rstrip(".")
    named = named_set_in_words(words)
    if named is not None:
        return named
    runs = _LETTERS.findall(words)
    if any(run in _MATHEMATICS for run in runs):
        return None
    if len(runs) == 1:
        run = runs[0]
        return Text(run) if len(run) > 1 and (run != run.lower() or is_word(run)) else None
    if _is_list(words) or not any(is_word(run) for run in runs):
        return None
    return Text(" ".join(words.split()))


def _is_list(words: str) -> bool:
    """Whether words are things joined by "and" or "or", which the grammar reads one by one."""
    return any(run in ("and", "or") for run in words.split()) or "," in words


def choice(text: str) -> tuple[str, str] | None:
    """The letter of a choice and the text behind it: `(B) 42`, `C. 42`."""
    match = _CHOICE.match(text)
    if match is None:
        return None
    return match[1] or match[2] or match[3], text[match.end() :]


def phrase(text: str) -> Node | None:
    """A text that the grammar does not read, as words when it has only words, digits and punctuation."""
    if _PHRASE.fullmatch(text) is None or "__" in text:
        return None
    runs = _LETTERS.findall(text)
    if not any(
        run in ("st", "nd", "rd", "th") or (len(run) > 2 and run not in _MATHEMATICS and looks_like_a_word(run))
        for run in runs
    ):
        return None
    if any(run in _MATHEMATICS for run in runs) or re.search(r"\w\(|;|\(\)", text):
        return None
    return Text(" ".join(text.rstrip(".").split()))
