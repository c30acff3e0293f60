"""Answers that are said in words at the end: "There are no real solutions", "There are seven ways"."""

import re

from scorer.math.answers.spelled_numbers import read_spelled
from scorer.math.extraction.places import Found

_LAST_SENTENCE = re.compile(r"[^.!?\n]{1,200}[.!\s]{0,4}\Z")
_KIND = r"(?:(?:real|integer|integral|rational|positive|negative|natural|whole|such|possible|valid)\s+){0,2}"
_NONE = re.compile(
    r"\A\s*(?:(?:so|thus|hence|therefore|it follows that|we conclude that),?\s+)?"
    r"(?:there\s+(?:are|is|exists?)|(?:the|this)\s+(?:equation|system|inequality)\s+has|it\s+has)\s+"
    rf"((?:no|infinitely\s+many)\s+{_KIND}(?:solutions?|roots?|zeros?|values?|numbers?|integers?|triangles?))\W*\Z",
    re.IGNORECASE,
)
_SO_NONE = re.compile(
    rf".*\b(?:so|thus|hence|therefore),?\s+there\s+(?:are|is)\s+(no\s+{_KIND}(?:solutions?|roots?))\W*\Z", re.IGNORECASE
)
_COUNTED = re.compile(
    r"\A\s*(?:(?:so|thus|hence|therefore),?\s+)?(?:there\s+are|we\s+(?:get|have))\s+(?:exactly\s+)?"
    r"([a-z][a-z-]{1,20})\s+([a-z]{3,20})(?:\s+(?:to|in|of|that|for)\s[^\d\\$]{1,80})?\W*\Z",
    re.IGNORECASE,
)
_CASE = re.compile(r"\b(?:cases?|otherwise|other|further)\b", re.IGNORECASE)
_SHOWN = re.compile(r"solutions?|roots?|zeros|values?|cases|points|numbers|pairs|options|possibilities", re.IGNORECASE)
"""Of these, the values in front of the sentence may be the answer, and not how many there are."""
_VALUE = re.compile(r"[\d=]")
_SHOWN_CHARS = 200
_CASE_CHARS = 30


def statement(text: str) -> Found | None:
    """What the last sentence says in words alone; None when it says nothing of the kind."""
    sentence = _LAST_SENTENCE.search(text, max(0, len(text) - 210))
    if sentence is None or _CASE.search(text, max(0, sentence.start() - _CASE_CHARS)):
        return None
    said = _NONE.match(sentence[0]) or _SO_NONE.match(sentence[0])
    if said:
        return Found(" ".join(said[1].split()), sentence.start(), sentence.end())
    counted = _COUNTED.match(sentence[0])
    spelled = read_spelled(counted[1].lower()) if counted else None
    if counted is None or spelled is None or spelled.after:
        return None
    before = text[max(0, sentence.start() - _SHOWN_CHARS) : sentence.start()]
    if _SHOWN.fullmatch(counted[2]) and _VALUE.search(before):
        return None
    return Found(f"{counted[1]} {counted[2]}", sentence.start(), sentence.end())
