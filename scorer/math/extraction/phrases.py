"""The value that follows the words of an announcement."""

import re

from scorer.math.extraction.displays import displays
from scorer.math.extraction.glue import glued, unglued
from scorer.math.extraction.last_expression import last_expression
from scorer.math.extraction.places import Found
from scorer.math.extraction.rows import conclusion_of_rows
from scorer.math.extraction.runs import runs
from scorer.math.normalise import closing_brace

_LEADING = re.compile(
    r"(?:(?:equal\s+to|therefore|thus|then|simply|just|indeed|exactly|clearly|given\s+by|also|hence|still|now|actually"
    r"|definitely|probably|likely|certainly|for\s+sure|option|choice|the\s+(?:option|choice)|the\s+(?:number|value)(?=\s+[\d$\\])|approximately"
    r"|as\s+follows)\b,?|[:：=])\s*",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:(?:probably|definitely|certainly|simply|clearly|therefore|actually) )?(?:not|never|neither|unknown|n['’]t)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<!\bi\.e)(?<!\be\.g)\.(?=\s|$)|[!?](?=\s|$)|[。！？]|\n")
_REASONING = re.compile(
    r"\b(?:because|since|I hope|which|so that|where|i\.e\.|e\.g\.|and we are done)(?!\w)"
    r"|\bor\s+(?:the|my)\s+answer\b|,\s*(?:so|as|it|he|she|they|we|I|and\s+(?:we|so|this|that|it))\b|\bas\s+(?:required|desired|needed|claimed|expected)\b",
    re.IGNORECASE,
)
_TELLING = re.compile(r"(?:that|there|we|you|he|she|they|it|the|in|of)\s", re.IGNORECASE)
_SENTENCE = re.compile(r"[A-Z][a-z]*(?: [^\s]{1,40}){3}")
_VERB_AT_END = re.compile(r".*\b(?:is|are|was|were|equals)\s+(\S.{0,80})\Z", re.DOTALL)
_WITHOUT_DISPLAYS = re.compile(r"\$[^$]*\$|\\\(.*?\\\)")
_CHANGED = re.compile(
    r"\b(?:minus|plus|times|more|less|fewer|than|least|most|over|divided|between|from|range|half|twice|double|not|or)\b",
    re.IGNORECASE,
)
_OF_VALUES = re.compile(
    r"\b(?:(?:squares?|cubes?|roots?|sum|product|difference|quotient|reciprocal|inverse|negative|opposite|factorial|power"
    r"|logarithm|value)\s+of\b|squared|cubed|factorial|\d+(?:st|nd|rd|th)\b)[^,:=]*\Z",
    re.IGNORECASE,
)
"""What is made of a value by words is not the value: "the square of 5"."""
_IN_TEXT = re.compile(r"\\(?:text(?:bf|it|rm)?|mbox|mathrm|mathbf)\s?\{[A-Za-z ]{0,40}\Z")
_COPULA_BEHIND = re.compile(r"(?<=[\w$)}\]])\s?(?:です|である|だ|입니다|이다|예요)\Z")
_OPENING_MARKUP = re.compile(r"\A<[a-z]{1,6}>")
_CLOSING_MARKUP = re.compile(r"</|\"\s*[,}]|\[/")
_EMPHASIS = re.compile(r"(?<![\w*])(\*\*|__|\*)([^*_\n]{1,200})\1(?![\w*])")
_ITEM = re.compile(r"[-*•]\s+(\S[^\n]*)|\d{1,2}[.)]\s+(\S[^\n]*)")
_BROKEN_CHARS = 1_000
_DISPLAYS = (("$$", "$$"), ("\\[", "\\]"))


def phrase(response: str, announcement: re.Match[str], most: int, *, heading: bool) -> Found | None:
    """The value behind an announcement: to the end of the sentence or line, or the next line that is not empty.

    Args:
        response: All of it.
        announcement: The words that announce.
        most: Characters that the value may have.
        heading: The announcement is a heading, so that whole sentences may follow it.

    Returns:
        The value; None when there is none, when it is denied or a question, or when it is cut off.
    """
    after = glued(response[announcement.end() : announcement.end() + most])
    start = len(after) - len(after.lstrip(" \t:：=_`\"'")) if not after.startswith("=") else 0
    if after.startswith("}", start) and _IN_TEXT.search(
        response[max(0, announcement.start() - 50) : announcement.start()]
    ):
        start += 1
    if announcement[0].endswith("=") and after.startswith(">"):
        start = 1
    start += _stars(after[start:])
    own_line = not after[start:].startswith("\n")
    if not own_line:
        start = len(after) - len(after[start:].lstrip())
        start += 2 * after.startswith("> ", start)  # a quotation of Markdown
    while leading := _LEADING.match(after, start):
        start = leading.end()
    rest = after[start:]
    if _DENIED.match(rest):
        return None
    value, end = _display(rest) or _line(rest, own_line=own_line)
    if value is None or rest[end : end + 1] == "?" or _is_broken(value, rest, end):
        return None
    if (not own_line and heading and " " in value) or _TELLING.match(value) or _SENTENCE.match(value):
        value = _told(value)
    value = unglued(value)
    if "\\begin" in value:
        rows = value.strip("$ ")
        value = value if (conclusion := conclusion_of_rows(rows)) == rows else conclusion
    return Found(value, announcement.start(), announcement.end() + start + end) if value else None


def _is_broken(value: str, rest: str, end: int) -> bool:
    """Whether the value is the first line of inline mathematics that goes on in the next one."""
    if rest[end : end + 1] != "\n" or not ("$" in value or "\\(" in value):
        return False
    return displays(rest[: end + _BROKEN_CHARS]).clear > end


def _told(sentence: str) -> str:
    """The only value in a sentence, or the one after its verb; the sentence itself when it changes or lacks a value."""
    if _CHANGED.search(sentence):
        return sentence
    verb = _VERB_AT_END.search(sentence)
    part = verb[1] if verb else sentence
    if _OF_VALUES.search(_WITHOUT_DISPLAYS.sub(" ", part)):
        return sentence
    if len(displays(part).found) + len(runs(_WITHOUT_DISPLAYS.sub(" ", part))) != 1:
        return sentence
    told = last_expression(part)
    return told.text if told else sentence


def _stars(text: str) -> int:
    """Characters of emphasis and space to step over: a `**` that is closed on its line belongs to the value."""
    match = re.match(r"\s{0,3}(\*{1,3})[^\S\n]*", text)
    if match is None:
        return 0
    line = text[match.end() :].split("\n", 1)[0]
    return 0 if match[1] in line else match.end()


def _display(rest: str) -> tuple[str | None, int] | None:
    """A value in a display of its own; (None, 0) when it is cut off; None when there is no display."""
    for opening, closing in _DISPLAYS:
        if rest.startswith(opening):
            end = rest.find(closing, 2)
            return (rest[2:end].strip() or None, end + 2) if end > 0 else (None, 0)
    return None


def _line(rest: str, *, own_line: bool) -> tuple[str | None, int]:
    """A value in a line, or in a list of lines under the announcement."""
    if not own_line and (items := _items(rest)):
        return items
    ending = _SENTENCE_END.search(rest)
    end = ending.start() if ending else len(rest)
    reasoning = _REASONING.search(rest, 0, end)
    end = reasoning.start() if reasoning else end
    value = _EMPHASIS.sub(r"\2", rest[:end].rstrip(" \t,") if reasoning else rest[:end])
    value = _CLOSING_MARKUP.split(_OPENING_MARKUP.sub("", value), maxsplit=1)[0]
    stray = closing_brace(value, 0)  # of the box or the object around the announcement
    value = value[:stray] if stray >= 0 else value
    value = _COPULA_BEHIND.sub("", value.strip().strip("*`\"'").strip())
    if re.fullmatch(r"\$[^$\n]+[.,;]\$", value):
        value = value[1:-1].rstrip(".,; ")
    return value.rstrip(".,;").strip() or None, end


def _items(rest: str) -> tuple[str, int] | None:
    """The members of a Markdown list as one list."""
    items: list[str] = []
    position = 0
    while item := _ITEM.match(rest, position):
        items.append((item[1] or item[2]).strip().rstrip(".,;"))
        position = item.end() + 1
    return (", ".join(items), max(0, position - 1)) if items and (len(items) > 1 or rest[0] != "-") else None
