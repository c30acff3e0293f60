r"""Keeps together what LaTeX keeps together, so that no part of it is taken for all of it.

White space inside the arguments of commands, and inside environments, separates nothing: in `\frac{ 1 }{ 9 }` there is
no 9, and the lines of a matrix are no lines of the text.
"""

import re

GLUE = "\x00"
"""Stands for such white space; one character for each, so that positions stay as they are."""

_MARK = re.compile(
    r"\\begin\s?\{(?P<begun>[a-zA-Z]{1,20}\*?)\}|\\end\s?\{(?P<ended>[a-zA-Z]{1,20}\*?)\}"
    r"|\\[{}\\]|(?P<argument>(?<=[A-Za-z^_}\]])\{|(?<=[}\]^_])\s\{)|(?P<open>\{)|(?P<close>\})"
)
_SPACE = re.compile(r"\s")
_MOST_CHARS = 2_000
"""Longer arguments and environments are no part of an answer."""


def glued(text: str) -> str:
    """The text with its white space inside arguments and environments replaced."""
    if "{" not in text:
        return text
    text = text.replace(GLUE, " ")
    opened: list[tuple[str, int]] = []
    spans: list[tuple[int, int]] = []
    for mark in _MARK.finditer(text):
        if mark["argument"] or mark["open"]:
            opened.append(("argument" if mark["argument"] else "", mark.start()))
        elif mark["begun"]:
            opened.append((mark["begun"], mark.start()))
        elif opened and (mark["close"] or mark["ended"] == opened[-1][0]):
            kind, start = opened.pop()
            if (mark["close"] is not None) != (kind in ("argument", "")):
                opened.clear()  # what begins as one and ends as the other is broken
            elif kind and mark.end() - start <= _MOST_CHARS:
                while spans and spans[-1][0] >= start:
                    spans.pop()
                spans.append((start, mark.end()))
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += (text[position:start], _SPACE.sub(GLUE, text[start:end]))
        position = end
    return "".join(parts) + text[position:]


def unglued(text: str) -> str:
    """The same with white space again."""
    return text.replace(GLUE, " ")
