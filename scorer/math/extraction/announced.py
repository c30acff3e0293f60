r"""Answers that are announced: "the final answer is ...", "Answer: ...", `<answer>...</answer>`, `{"answer": ...}`."""

import re
from itertools import pairwise

from scorer.math.extraction.doubts import speaks_of_gold
from scorer.math.extraction.last_expression import at_end
from scorer.math.extraction.phrases import phrase
from scorer.math.extraction.places import Found

VALUE_CHARS = 20_000
"""An announced value has no more characters."""
MAX_ANNOUNCEMENTS = 12
"""No more than this many are looked at, the last ones."""

_SPACE = r"[^\S\n]"
_VERB = r"(?:is|are|equals|(?:must|should|will)\s+be|comes\s+(?:out\s+)?to|turns\s+out\s+to\s+be|becomes)\b"
_ENGLISH = re.compile(
    rf"\b(?:answers?|ans)\b\)?{_SPACE}{{0,3}}(?:\*\*|__|</b>)?"
    rf"(?:{_SPACE}(?:to|of|for|in|that|which|we|I)\b[^.:=\n]{{1,100}}?)?"
    rf"(?:{_SPACE}{{0,2}}\([^()\n]{{1,60}}\))?(?:,[^,.\n]{{1,40}},)?{_SPACE}{{0,3}}(?::|=|：|→|->|\\rightarrow|\b{_VERB})"
    rf"|^[#*_\s]{{0,8}}final\s{{1,3}}answer[*:_\s]{{0,6}}$|^[#*_]{{1,8}}\s{{0,3}}answer[*:_\s]{{0,6}}$",
    re.MULTILINE | re.IGNORECASE,
)
_CHOICE = re.compile(r"\b(?:correct|right)\s{1,3}(?:option|choice)\s{0,3}(?:is\b|:)", re.IGNORECASE)
_LINE = re.compile(r"^A:", re.MULTILINE)
_ASIAN = re.compile(
    r"(?:最终|正确)?答案\s?(?:是|为|應該是|应该是|：|:)|答\s?[：:]|答え\s?(?:は|：|:)|(?:정답|답)\s?(?:은|:)"
)
_EUROPEAN = re.compile(
    r"\br[ée]ponse(?:\s+finale)?\s*(?:est|:)|\bantwort\s*(?:ist|lautet|:)|\bl[öo]sung\s*(?:ist|lautet)\s*:"
    r"|\brespuesta(?:\s+(?:final|correcta))?\s*(?:es|:)|\bresposta(?:\s+final)?\s*(?:é|:)"
    r"|\brisposta(?:\s+finale)?\s*(?:è|:)|\bответ\s*:",
    re.IGNORECASE,
)
_ANNOUNCEMENTS = (
    (_ENGLISH, ("ans",)),
    (_CHOICE, ("option", "choice")),
    (_LINE, ("a:",)),
    (_ASIAN, ("答", "답")),
    (_EUROPEAN, ("ponse", "antwort", "sung", "respuesta", "resposta", "risposta", "ответ")),
)
"""Each with the letters that it cannot do without: to look for those first takes a tenth of the time."""
_TAG = re.compile(
    r"<\s?(?:final[_ ]?)?ans(?:wer)?(?:\s[^<>\n]{0,80})?>|\[(?:final[_ ])?answer\](?!\()|\\(?:answer|ans)\{",
    re.IGNORECASE,
)
_TAG_END = re.compile(r"<\s?/\s?(?:final[_ ]?)?ans(?:wer)?\s?>|\[\s?/\s?(?:final[_ ])?answer\]", re.IGNORECASE)
_KEY = re.compile(r"[\"'](?:final[_ ]?|correct[_ ]?)?answer[\"']\s{0,3}:\s{0,3}", re.IGNORECASE)
_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_MEMBER = re.compile(r"\[[^\[\]\n]{0,2000}\]|[^\"'{}\[\],\s][^\"'{},\n]{0,200}")
_BEHIND = re.compile(
    r"\b(?:is|are)\s+(?:(?:the|our|my)\s+(?:final\s+|correct\s+|right\s+)?(?:answers?|option|choice)|correct)\b(?!\s+(?:to|if|for|in))",
    re.IGNORECASE,
)
_SENTENCE_CHARS = 400
_SOMETHING = re.compile(r"[\w∅∞½π√]|\\[A-Za-z{]")


def announced(response: str) -> list[Found]:
    """The last announced answers, in order, without those whose value announces again."""
    found: list[Found] = []
    lower = response.lower()
    for reader, pattern, letters in _READERS:
        for some in letters:
            if some in lower:
                break
        else:
            continue
        for match in list(pattern.finditer(response))[-MAX_ANNOUNCEMENTS:]:
            one = reader(response, match)
            if one and _SOMETHING.search(one.text):
                found.append(one)
    found.sort(key=lambda one: (one.start, -one.end))
    return [one for one, later in pairwise(found) if later.start >= one.end] + found[-1:]


def _spoken(response: str, match: re.Match[str]) -> Found | None:
    """The value behind words that announce it, unless they announce the graders' or another one's answer."""
    if speaks_of_gold(response[max(0, match.start() - 20) : match.end()]):
        return None
    heading = "\n" in match[0] or match[0].lstrip().startswith(("#", "*", "_"))
    return phrase(response, match, VALUE_CHARS, heading=heading)


def _tagged(response: str, opening: re.Match[str]) -> Found | None:
    """What is between tags; when the closing one is missing, the rest of the line: models are made to stop there."""
    start = opening.end()
    rest = response[start : start + VALUE_CHARS]
    closing = re.search(r"\}", rest) if opening[0].startswith("\\") else _TAG_END.search(rest)
    content = rest[: closing.start()] if closing else rest.strip().split("\n")[0]
    inner = _ENGLISH.search(content)
    if inner:
        value = phrase(content, inner, VALUE_CHARS, heading=False)
        text = value.text if value else ""
    else:
        text = content.strip().strip("`*").strip()
    if content.count("```") == 2:
        text = content.split("```")[1].partition("\n")[2].strip() or text
    return Found(text, opening.start(), start + (closing.end() if closing else len(content))) if text else None


def _member(response: str, key: re.Match[str]) -> Found | None:
    """The value of a member of a JSON object or a Python dictionary, which may itself announce."""
    value = _STRING.match(response, key.end(), key.end() + VALUE_CHARS)
    if value:
        text = value[1] if value[1] is not None else value[2]
        text = text.replace("\\\\", "\\").replace('\\"', '"').strip()
    else:
        value = _MEMBER.match(response, key.end(), key.end() + VALUE_CHARS)
        text = value[0].strip() if value else ""
    return Found(text, key.start(), value.end()) if value and text else None


def _behind(response: str, match: re.Match[str]) -> Found | None:
    """ "42 is the answer", "(C) is correct": the value stands before the words."""
    start = max(0, match.start() - _SENTENCE_CHARS)
    start = max([start, *(end for mark in ("\n", ". ") if (end := response.rfind(mark, start, match.start()) + 1))])
    before = response[start : match.start()]
    if speaks_of_gold(before) or response[match.end() : match.end() + 1] == "?":
        return None
    text = at_end(before)
    return Found(text, start + max(0, before.rfind(text)), match.end()) if text else None


_READERS = (
    *((_spoken, pattern, letters) for pattern, letters in _ANNOUNCEMENTS),
    (_tagged, _TAG, ("ans",)),
    (_member, _KEY, ("answer",)),
    (_behind, _BEHIND, ("answer", "option", "choice", "correct")),
)
"""How each kind of announcement is read."""
