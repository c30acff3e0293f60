r"""Mathematics in delimiters: `$...$`, `$$...$$`, `\(...\)`, `\[...\]`.

Displays may go over several lines. What is inline ends with its line: a delimiter that is not closed there is broken,
and what it encloses is no mathematics that one could take a value from.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from scorer.math.extraction.places import Found

_OPENING = re.compile(r"\$\$|\\\[|\\\(|(?<!\\)\$")
_INLINE = re.compile(r"\$(?! )([^$\n]+)(?<![\\ ])\$(?!\d)")
_SPACED = re.compile(r"\$ ?((?:[^$\n\\]|\\[^\n])*)(?<![\\])\$(?!\w)")
"""With spaces inside, which could as well be two prices: only when something in it is LaTeX, or there is one word."""
_LATEX = re.compile(r"\\[a-zA-Z]")
_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_ENDS_LINE = re.compile(r"\$[^\S\n]*\n")
_BEGINS_LINE = re.compile(r"\n[^\S\n]{0,20}\Z")
_OPENS_INLINE = re.compile(r"\$[^\s\d$.,;:!?)]")
_MONEY_BEHIND = re.compile(r"\$ ?\d")
_MONEY_BEFORE = re.compile(r"\d ?\Z")
_BROKEN_CHARS = 1_000
"""Two stray dollars that are farther apart enclose nothing."""


@dataclass(frozen=True, slots=True)
class Displays:
    """What the delimiters of a text enclose."""

    found: list[Found]
    """In order, without empty ones and those before `clear`."""
    clear: int
    """Behind the last broken delimiters and what they enclose; 0 when there are none."""
    cut: int
    """Where the last one that is never closed begins, else the end of the text."""


class _Marks:
    """Finds the next one of several marks from positions that only grow, in linear time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def next(self, mark: str, position: int) -> int:
        """Where the mark stands from the position on; the end of the text when it does not."""
        known = self._next.get(mark, -1)
        if known < position:
            known = self._text.find(mark, position)
            self._next[mark] = known = known if known >= 0 else len(self._text)
        return known


def displays(text: str) -> Displays:
    """All mathematics in delimiters. A single dollar that is never closed is money."""
    found: list[Found] = []
    cut: dict[str, int] = {}
    strays: list[int] = []
    clear = position = 0
    marks = _Marks(text)
    while opening := _OPENING.search(text, position):
        start, position = opening.start(), opening.start() + 1
        if opening[0] == "$":
            inline = _INLINE.match(text, start) or _spaced(text, start)
            if inline:
                found.append(Found(inline[1].strip(), start, inline.end()))
                position = inline.end()
            else:
                strays.append(start)
        else:
            end = marks.next(_CLOSING[opening[0]], start + 2)
            if end == len(text):
                cut.setdefault(opening[0], start)
            elif opening[0] == r"\(" and marks.next("\n", start) < end:
                again = marks.next(r"\(", start + 2)
                clear = position = min(again, end + 2)
            else:
                position = end + 2
                if content := text[start + 2 : end].strip():
                    found.append(Found(content, start, position))
    clear = max(clear, _behind_strays(text, strays))
    last_end = found[-1].end if found else 0
    cut_at = min((start for start in cut.values() if start >= last_end), default=len(text))
    return Displays([one for one in found if one.start >= clear], clear, cut_at)


def _spaced(text: str, start: int) -> re.Match[str] | None:
    match = _SPACED.match(text, start)
    if match is None or not match[1].strip():
        return None
    one_word = match[0].startswith("$ ") and match[1].endswith(" ") and " " not in match[1].strip()
    return match if one_word or _LATEX.search(match[1]) else None


def _behind_strays(text: str, strays: list[int]) -> int:
    """Behind the last two stray dollars that enclose ends of lines and are no money."""
    clear = 0
    for first, second in pairwise(strays):
        if first < clear or second - first > _BROKEN_CHARS or "\n" not in text[first:second]:
            continue
        opens = _ENDS_LINE.match(text, first) and not _MONEY_BEFORE.search(text[max(0, first - 2) : first])
        closes = _BEGINS_LINE.search(text[max(first, second - 22) : second]) and not _MONEY_BEHIND.match(text, second)
        crosses = _OPENS_INLINE.match(text, first) and not text[second - 1].isspace()
        if opens or closes or crosses:
            clear = second + 1
    return clear
