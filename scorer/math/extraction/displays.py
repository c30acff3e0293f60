r"""Mathematics in delimiters: `$...$`, `$$...$$`, `\(...\)`, `\[...\]`."""

import re

from scorer.math.extraction.places import Found

_OPENING = re.compile(r"\$\$|\\\[|\\\(|(?<!\\)\$")
_INLINE = re.compile(r"\$(?! )([^$\n]+)(?<![\\ ])\$(?!\d)")
_SPACED_INLINE = re.compile(r"\$ ?([^$\n]*\\[a-zA-Z][^$\n]*|(?<= )[^$\n]{1,20}(?= )) ?\$(?!\w)")
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
            inline = _INLINE.match(text, start) or _SPACED_INLINE.match(text, start)
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
