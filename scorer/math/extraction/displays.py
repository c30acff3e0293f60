r"""Mathematics in delimiters: `$...$`, `$$...$$`, `\(...\)`, `\[...\]`."""

import re

from scorer.math.extraction.places import Found

_OPENING = re.compile(r"\$\$|\\\[|\\\(|(?<!\\)\$")
_INLINE = re.compile(r"\$(?! )([^$\n]+)(?<![\\ ])\$(?!\d)")
_SPACED = re.compile(r"\$ ?((?:[^$\n\\]|\\[^\n])*)(?<![\\])\$(?!\w)")
"""With spaces inside, which could as well be two prices: only when something in it is LaTeX, or there is one word."""
_LATEX = re.compile(r"\\[a-zA-Z]")
_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}


def displays(text: str) -> tuple[list[Found], int]:
    """All of it that is not empty, in order, and where the last one that is never closed begins, else the end.

    A single dollar that is never closed is money. Linear: a closing that is missing once is not looked for again.
    """
    found: list[Found] = []
    cut: dict[str, int] = {}
    position = 0
    while opening := _OPENING.search(text, position):
        start, position = opening.start(), opening.start() + 1
        if opening[0] == "$":
            inline = _INLINE.match(text, start) or _spaced(text, start)
            if inline:
                found.append(Found(inline[1].strip(), start, inline.end()))
                position = inline.end()
        elif opening[0] not in cut:
            end = text.find(_CLOSING[opening[0]], start + 2)
            if end >= 0:
                position = end + 2
                if content := text[start + 2 : end].strip():
                    found.append(Found(content, start, position))
            else:
                cut[opening[0]] = start
    last_end = found[-1].end if found else 0
    return found, min((start for start in cut.values() if start >= last_end), default=len(text))


def _spaced(text: str, start: int) -> re.Match[str] | None:
    match = _SPACED.match(text, start)
    if match is None or not match[1].strip():
        return None
    one_word = match[0].startswith("$ ") and match[1].endswith(" ") and " " not in match[1].strip()
    return match if one_word or _LATEX.search(match[1]) else None
