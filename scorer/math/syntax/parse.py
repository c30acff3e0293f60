r"""Reads a written answer: `parse` turns LaTeX, plain text or Unicode into a tree, or says that it cannot.

The whole text is read or nothing is: a part of an answer is never taken for all of it.
"""

import re

from scorer.math.normalise import unwrap
from scorer.math.syntax import grammar, relations, words
from scorer.math.syntax.characters import to_ascii
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.lexer import lex
from scorer.math.syntax.tree import Node, NotReadable, TooLarge

assert grammar
MAX_CHARS = 20_000

_INTRODUCTION = re.compile(
    r"^(?:the\s+)?(?:solution|answer)s?\s+(?:set\s+)?(?:is|are)\s*:?\s*(?=[$(\[\\\d])", re.IGNORECASE
)
_DOTS = re.compile(r"\.{3,}$")
"""At the end: what is repeated goes on, and is no end of a sentence."""
_CHOOSE = re.compile(
    r"(?<![\w}])(?:\{\s*\})?\s*[_^]\s*\{?\s*(\d{1,9}|[a-z])\s*\}?\s*C\s*_\s*\{?\s*(\d{1,9}|[a-z])(?![\w^])\s*\}?"
)
_ANGLES = re.compile(r"^<([^<>]*,[^<>]*)>$")
_HASHES = re.compile(r"^####\s*(?=[^\s#])")


def parse(text: str) -> Node:
    """The tree of an answer.

    Args:
        text: The answer as it was written, or normalised.

    Raises:
        NotReadable: The grammar does not know such an answer.
        TooLarge: It is too long or too deeply nested to be read.
    """
    if len(text) > MAX_CHARS:
        raise TooLarge(f"more than {MAX_CHARS} characters")
    text = _DOTS.sub(r" \\ldots", to_ascii(text).strip())
    as_words = words.whole(text)
    if as_words is not None:
        return as_words
    text = unwrap(_INTRODUCTION.sub("", _HASHES.sub("", text), count=1) if text[:1] in "tTsSaA#" else text)
    text = _ANGLES.sub(r"\\langle \1 \\rangle", _CHOOSE.sub(r"\\binom{\1}{\2}", text.replace("$$", "$")))
    if not text or text[0] == "~":
        raise NotReadable("nothing is there, or something like it")
    return words.whole(text) or _parse(text)


def _parse(text: str) -> Node:
    labelled = words.choice(text)
    if labelled is not None:
        label, rest = labelled
        return words.labelled(label, parse(rest))
    try:
        c = Cursor(text, lex(text))
        node = relations.answer(c)
        if c.kind != "end":
            raise c.wrong()
    except NotReadable:
        phrase = words.phrase(text)
        if phrase is None:
            raise
        return phrase
    return node
