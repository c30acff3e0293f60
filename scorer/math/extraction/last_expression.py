r"""The last resort: the last value that a response states without announcing it."""

import re

from scorer.math.extraction.beside import bound_before, stated_before, tells_where
from scorer.math.extraction.displays import displays
from scorer.math.extraction.doubts import denied, taken_back, unsure
from scorer.math.extraction.glue import glued, unglued
from scorer.math.extraction.joined import joins
from scorer.math.extraction.listed import listed
from scorer.math.extraction.places import Found
from scorer.math.extraction.rows import conclusion_of_rows
from scorer.math.extraction.runs import runs, whole
from scorer.math.extraction.sides import value_side
from scorer.math.extraction.statements import statement
from scorer.math.extraction.trailing import unit_behind

MAX_SENTENCES = 40
"""No more than this many are looked through, the last ones."""

_SENTENCE = re.compile(r"(?:[^.。!！?？\n]|\.(?!\s|$))+[.。!！?？]*")
_BULLET = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s+(?=\S)")
_EMPHASIS = re.compile(r"(?<![\w*])\*\*([^*\n]{1,200})\*\*(?![\w*])")
_CONCLUSION = re.compile(r"\b(?:so|thus|hence|therefore|finally|overall|altogether|in total|in all)\b", re.IGNORECASE)
_EQUALS = re.compile(r"\s*(?:is|are|was|equals|becomes|must be)\s+(?:then\s+|thus\s+|equal to\s+)?[-+]?[\d\\]")
_CHATTER = re.compile(
    r"\b(?:let me know|feel free|hope (?:this|that|it)|if you (?:have|need|want|would)|would you like|anything else)\b",
    re.IGNORECASE,
)
_CONCLUDING_SIGN = re.compile(r"(?:=>|⇒|∴|\\(?:therefore|implies|Rightarrow)(?![a-zA-Z]))\s*(?=\S)")
_WORDS = re.compile(r"(?:[^\W\d_][^\W\d_'’-]*[\s,]*){1,4}\.?|\(?[A-J]\)?[.:]?")
_BRACKETED = re.compile(r"\[\s*([^\[\],]+?)\s*\]")
_LABELLED = re.compile(r"\s*[A-J][.):]\s[^\n]{1,80}\s*")
"""A whole response that is one option: its letter and its text."""
_NUMBER = re.compile(r"[-−]?\d[\d.,/]*")
_BROKEN_OFF = re.compile(r"\b(?:the|an?|of|to|by|with|for|from|is|are|equals|be)\s*\Z")
_SHORT_LINE_CHARS = 60
_CHOSEN = re.compile(
    r"(?:\b(?i:it['’]?s|it is|choose|select|pick|go with|options?|choice|letter|answers?)\s+(?i:option\s+|choice\s+)?"
    r"\(?([A-J])\)?|[选選]\s?\(?([A-J])\)?)\W*\Z"
)


def last_expression(text: str) -> Found | None:
    """The last value, as a display, as a line of its own, or in the last sentence that has one.

    Behind broken mathematics only: what was stated before it is not what the text comes to.
    """
    text = _EMPHASIS.sub(r"\1", text)
    all_displays = displays(text)
    was_cut = all_displays.cut < len(text)
    text = " " * all_displays.clear + text[all_displays.clear : all_displays.cut]
    found = _last(glued(text), all_displays.found, was_cut=was_cut)
    return Found(unglued(found.text), found.start, found.end) if found else None


def _last(text: str, shown: list[Found], *, was_cut: bool) -> Found | None:
    if said := statement(text) or listed(text):
        return said
    if _LABELLED.fullmatch(text):
        return Found(text.strip(), 0, len(text))
    line = _last_line(text)
    alone = line is not None and not (shown and shown[-1].end > line.start)
    if line and alone and whole(line.text) and not denied(text[: line.start], text[line.end :]):
        return Found(_unbracketed(_value(line.text)), line.start, line.end)
    found = _shown(text, shown)
    if found is None or _CONCLUSION.search(text, found.end) or _EQUALS.match(text, found.end):
        found = _said(text, found.end if found else 0) or found
    if found is None:
        return _short(line) if not was_cut else None
    return None if taken_back(text[found.end :], found.text) else found


def at_end(text: str) -> str:
    """The value that a text ends with; empty when it ends with something else."""
    text = glued(text.rstrip())
    shown = displays(text).found
    if shown and shown[-1].end == len(text):
        return shown[-1].text
    said = runs(text)
    if said and said[-1].end == len(text):
        return _value(said[-1].text)
    chosen = _CHOSEN.search(text) or re.search(r"(?:^|\s)\(?([A-J])\)?\Z", text)
    return next((group for group in chosen.groups() if group), "") if chosen else ""


def _last_line(text: str) -> Found | None:
    """Without list markers, if it is not empty."""
    end = len(text.rstrip())
    start = text.rfind("\n", 0, end) + 1
    start += len(text[start:end]) - len(text[start:end].lstrip())
    row = text[start:end]
    if row.startswith("|") and row.endswith("|") and row.count("|") > 2:  # of a table: its last cell
        cell = row[:-1].rpartition("|")[2]
        start, end = end - 1 - len(cell.lstrip()), end - 1
    bullet = _BULLET.match(text, start, end)
    start = bullet.end() if bullet else start
    line = text[start:end].strip("`*_ ").rstrip(".")
    return Found(line, start, end) if line else None


def _shown(text: str, shown: list[Found]) -> Found | None:
    """The last display that is not denied, with those that are joined to it."""
    for index in range(len(shown) - 1, max(-1, len(shown) - 9), -1):
        last = shown[index]
        if denied(text[max(0, last.start - 60) : last.start], text[last.end : last.end + 60]):
            continue
        sentence = text[_sentence_start(text, last.start) : last.end]
        first = index
        while first and first > index - 20 and joins(text[shown[first - 1].end : shown[first].start] or " "):
            first -= 1
        if unsure(sentence, 1 + index - first):
            return None
        before = sentence[: shown[first].start - last.end]
        if first and tells_where(before, shown[first].text) and stated_before(text[: shown[first - 1].start]):
            continue
        bound = bound_before(before)
        unit = unit_behind(text, last.end) if _NUMBER.fullmatch(last.text) else ""
        value = _value(last.text) if first == index else ", ".join(one.text for one in shown[first : index + 1])
        return Found(bound + value + unit, shown[first].start - len(bound), last.end)
    return None


def _sentence_start(text: str, position: int) -> int:
    return max(text.rfind(mark, max(0, position - 400), position) + len(mark) for mark in ("\n", ". ", "? ", "! "))


def _said(text: str, start: int) -> Found | None:
    """The value of the last sentence that has one."""
    for sentence in reversed(list(_SENTENCE.finditer(text, start))[-MAX_SENTENCES:]):
        if _CHATTER.search(sentence[0]):
            continue
        all_runs = runs(sentence[0])
        if unsure(sentence[0], len(all_runs)) or _BROKEN_OFF.search(sentence[0]):
            return None
        stated = [run for run in all_runs if not denied(sentence[0][: run.start], sentence[0][run.end :])]
        if stated:
            run = _conclusion(sentence[0], stated)
            value = _unbracketed(_value(run.text))
            unit = unit_behind(sentence[0], run.end) if _NUMBER.fullmatch(value) else ""
            bound = bound_before(sentence[0][: run.start])
            return Found(bound + value + unit, sentence.start() + run.start, sentence.start() + run.end)
    return None


def _conclusion(sentence: str, stated: list[Found]) -> Found:
    """The one with the last equals sign, unless something is concluded behind it; else the last one.

    What only tells where an extreme value is does not count.
    """
    while (
        len(stated) > 1
        and tells_where(sentence[: stated[-1].start], stated[-1].text)
        and stated_before(sentence[: stated[-2].start])
    ):
        stated = stated[:-1]
    equals = [run for run in stated if "=" in run.text]
    if equals and not _CONCLUSION.search(sentence, equals[-1].end):
        run = equals[-1]
        text = run.text.lstrip("= ")
        return Found(text, run.end - len(text), run.end) if text else stated[-1]
    return stated[-1]


def _short(line: Found | None) -> Found | None:
    """A last line of a few words is the answer itself: a word, a name, the letter of a choice."""
    if line is None:
        return None
    chosen = _CHOSEN.search(line.text)
    if chosen and not denied(line.text[: chosen.start(0)], ""):
        return Found(chosen[1] or chosen[2], line.start, line.end)
    if (
        len(line.text) > _SHORT_LINE_CHARS
        or _BROKEN_OFF.search(line.text)
        or not _WORDS.fullmatch(line.text)
        or unsure(line.text, 0)
    ):
        return None
    return line


def _value(text: str) -> str:
    text = unglued(text)
    sign = _CONCLUDING_SIGN.match(text)
    return value_side(conclusion_of_rows(text[sign.end() :] if sign else text))


def _unbracketed(value: str) -> str:
    """`5` for `[5]`, which is no list."""
    bracketed = _BRACKETED.fullmatch(value)
    return bracketed[1] if bracketed else value
