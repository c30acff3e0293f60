r"""Reads a written answer: `parse` turns LaTeX, plain text or Unicode into a tree, or says that it cannot.

The whole text is read or nothing is: a part of an answer is never taken for all of it.
"""

import re

from scorer.math.normalise import unwrap
from scorer.math.syntax import grammar, words
from scorer.math.syntax.characters import to_ascii
from scorer.math.syntax.cursor import Cursor
from scorer.math.syntax.lexer import lex
from scorer.math.syntax.slips import corrected
from scorer.math.syntax.tree import Labelled, Node, NotReadable, TooLarge
from scorer.math.syntax.unit_text import plain_units

MAX_CHARS = 20_000

_INTRODUCTION = re.compile(
    r"^(?:the\s+)?(?:solution|answer)s?\s+(?:set\s+)?(?:is|are)\b\s*(?::\s*)?(?=[$(\[\\\d])", re.IGNORECASE
)
_CHOOSE = re.compile(r"(?<![\w}\s])(?:\{\})?[_^]\{?(\d{1,9}|[a-z])\}?\s?C_\{?(\d{1,9}|[a-z])(?![\w^])\}?")
_CHOOSE_PLAIN = re.compile(r"(?<![\w.}\\])(\d{1,4}|n) ?C ?(\d{1,4}|[kr])(?![\w^])")
_DERIVATIVE = re.compile(r"(?<![A-Za-z\\}\d])(d[a-zA-Z])/(d[a-zA-Z])(?![A-Za-z\d^_])")
_CONSTANT = re.compile(
    r"\+\s*(?:\\(?:text|mathrm)\s?\{\s?const(?:ant)?\.?\s?\}|const(?:ant)?\b\.?)\s*(?=\$|$)", re.IGNORECASE
)
_NUMBER = re.compile(r"[-+]?\d+(?:[./]\d+)?")
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
    text = _with_dots_kept(corrected(to_ascii(text).strip()))
    as_words = words.whole(text)
    if as_words is not None:
        return as_words
    text = unwrap(_INTRODUCTION.sub("", _HASHES.sub("", text), count=1) if text[:1] in "tTsSaA#" else text)
    text = text.replace("$$", "$")
    if not text or text[0] == "~":
        raise NotReadable("nothing is there, or something like it")
    choice = words.choice(text)
    if choice is None:
        return _parse(text)
    label, rest = choice
    return Labelled(label, _parse(unwrap(rest)))


def _parse(text: str) -> Node:
    as_words = words.whole(text)
    if as_words is not None:
        return as_words
    text = _with_constant(_as_matrix(text))
    text = plain_units(_CHOOSE.sub(r"\\binom{\1}{\2}", _DERIVATIVE.sub(r"\\frac{\1}{\2}", text)))
    text = _CHOOSE_PLAIN.sub(r"\\binom{\1}{\2}", text)
    if text[:1] == "<" and text[-1] == ">" and "," in text and not any(mark in text[1:-1] for mark in "<>"):
        text = rf"\langle {text[1:-1]} \rangle"
    try:
        c = Cursor(text, lex(text))
        node = grammar.answer(c)
        if c.kind != "end":
            raise c.wrong()
    except NotReadable:
        phrase = words.phrase(text)
        if phrase is None:
            raise
        return phrase
    return node


def _as_matrix(text: str) -> str:
    """`[1 2; 3 4]` with its entries apart, as programs write matrices of numbers."""
    if text[:1] != "[" or text[-1:] != "]" or ";" not in text:
        return text
    rows = [row.split() for row in text[1:-1].split(";")]
    width = len(rows[0])
    if width < 2 or any(len(row) != width or not all(map(_NUMBER.fullmatch, row)) for row in rows):
        return text
    return r"\begin{bmatrix}" + r"\\".join("&".join(row) for row in rows) + r"\end{bmatrix}"


def _with_constant(text: str) -> str:
    """The constant of integration by its letter, where it is said in a word."""
    return text if "const" not in text.lower() or "C" in text else _CONSTANT.sub("+C", text)


def _with_dots_kept(text: str) -> str:
    """Dots at the end say that it goes on, and are no end of a sentence."""
    shorter = text.rstrip(".")
    return rf"{shorter} \ldots" if len(text) - len(shorter) > 2 else text
