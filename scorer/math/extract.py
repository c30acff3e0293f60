r"""Finds the answer in a free-text response.

The places that are looked at, in this order; the first that has something wins:

1. `boxed`: the last `\boxed{...}` or `\fbox{...}` with balanced braces that is not empty; the innermost one when boxes
   are nested; `\boxed 5` without braces takes the next word. A box that is never closed is no answer: the response was
   cut, and what is in it may go on. Boxes that are joined by no more than commas, "and" or "or" are one list.
2. The later one of
   - `final_answer`: the last announcement ("the final answer is ...", "the answer is ...", "answer: ...", a line
     `A: ...`, `<answer>...</answer>`, `"answer": ...`, "the correct option is ..."), up to the end of its sentence or
     line, or the next line that is not empty when nothing follows on its own;
   - `hash`: the last line that begins with `####`, if it is the last line of all or begins like mathematics, so that
     Markdown headings do not count.
3. `last_expression`: the last mathematics in delimiters (`$...$`, `\(...\)`, `\[...\]`); without any, in the last line
   that has a number, the number after the last equals sign, else the last number.

Reasoning in `<think>...</think>` is not the answer: what follows the last `</think>` is looked through first, by all
three steps, and the whole response only when nothing is found there.

Calculator annotations of GSM8K (`<<16-3=13>>`) are taken out first. Everything takes time linear in the response.
"""

import re
from dataclasses import dataclass

from scorer.math.normalise import closing_brace

TAIL_CHARS = 20_000
"""Step 3 looks at no more than this many characters at the end."""

MAX_BOXES = 64
"""Step 1 looks at no more than this many boxes, the last ones: each may reach to the end of the response."""

_ANNOTATION = re.compile(r"<<[^<>\n]{0,200}>>")
_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])")
_SENTENCE_IN_BOX = re.compile(r"^\\text\{\s*(?i:the\s+)?(?i:final\s+)?(?i:answer\s+is)\s*:?\s*\}\s*")
_BETWEEN_BOXES = re.compile(r"[\s$]*(?:,|;|,?\s*(?:\\text\{\s*)?(?:and|or)(?:\s*\})?)[\s$]*")
_ANNOUNCEMENT = re.compile(
    r"(?i:\b(?:final\s+)?answers?\b[^\S\n]{0,3}(?:\*\*|__|</?b>)?"
    r"(?:[^\S\n](?:to|of|for)\b[^.:\n]{1,100}?)?[^\S\n]{0,3}(?::|=|\bis\b|\bare\b)"
    r"|\b(?:correct|right)\s+(?:option|choice)\s+is\b"
    r"|</?\s*answer\s*>"
    r'|["\']answer["\']\s{0,3}:)'
    r"|^A:|^[#*\s]{0,8}(?i:final\s+answer)[*:\s]{0,6}$"
    r"|答案(?:是|为|:|：)",
    re.MULTILINE,
)
_HASH_LINE = re.compile(r"^[^\S\n]*####[^\S\n]*([^\n#][^\n]*)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<!\bi\.e)(?<!\be\.g)\.(?=\s|$)|[。!?](?=\s|$)|\n")
_REASONING = re.compile(r"\b(?:because|since|I hope|which|so that|where|i\.e\.|e\.g\.)(?!\w)", re.IGNORECASE)
_THOUGHT = "</think>"
_OPENING = re.compile(r"\$\$|\\\[|\\\(|(?<!\\)\$")
_INLINE = re.compile(r"\$(?! )([^$\n]+)(?<![\\ ])\$(?!\d)")
_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_NUMBER = re.compile(
    r"(?<![\w.,])[-–−]?\s?[$€£]?\\?\$?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:\s*/\s*\d+)?\s?\\?%?|(?<![\w.])-?\.\d+"
)


@dataclass(frozen=True)
class Extraction:
    """An answer that was found."""

    answer: str
    """As it stands in the response, white space around it taken away; never empty."""
    rule: str
    """"boxed", "final_answer", "hash", "last_expression" or "given"."""


def extract(response: str) -> Extraction | None:
    """The answer of a response by the rules at the top of this file; None when there is none."""
    response = _ANNOTATION.sub("", response)
    _, tag, rest = response.rpartition(_THOUGHT)
    return (_extract(rest) if tag else None) or _extract(response)


def _extract(response: str) -> Extraction | None:
    boxed = _boxed(response)
    if boxed:
        return Extraction(_SENTENCE_IN_BOX.sub("", boxed) or boxed, "boxed")
    response = _without_cut_box(response)
    announced_at, announced = _announced(response)
    hashed_at, hashed = _hashed(response)
    if announced and announced_at > hashed_at:
        return Extraction(announced, "final_answer")
    if hashed:
        return Extraction(hashed, "hash")
    last = _last_expression(response[-TAIL_CHARS:])
    return Extraction(last, "last_expression") if last else None


def given(answer: str) -> Extraction | None:
    r"""An answer that the caller extracted; a `\boxed{}` that encloses it is taken off. None when it is empty."""
    text = answer.strip()
    inner = _boxed(text) if text.startswith(("\\boxed", "\\fbox", "$\\boxed", "$\\fbox")) else ""
    text = inner or text
    return Extraction(text, "given") if text else None


def _boxed(response: str) -> str:
    """The content of the last box that has one, and of those joined to it. Empty when there is none."""
    joined: list[str] = []
    next_start = -1
    for match in reversed(list(_BOX.finditer(response))[-MAX_BOXES:]):
        content, end = _box_content(response, match.end())
        if not content:
            continue
        if next_start >= 0 and not _BETWEEN_BOXES.fullmatch(response[end:next_start][:40]):
            break
        joined.insert(0, content)
        next_start = match.start()
    return ", ".join(joined)


def _box_content(response: str, start: int) -> tuple[str, int]:
    """Content of the box whose command ends at `start`, and where the box ends; empty when cut off or empty."""
    position = start
    while position < len(response) and response[position] in " \t\n":
        position += 1
    if position >= len(response):
        return "", start
    if response[position] != "{":
        word = re.compile(r"[^\s${}]+").match(response, position)
        return (word[0].rstrip(".,;"), word.end()) if word else ("", start)
    end = closing_brace(response, position + 1)
    return (response[position + 1 : end].strip(), end + 1) if end >= 0 else ("", start)


def _without_cut_box(response: str) -> str:
    """The response up to a box that is never closed."""
    for match in list(_BOX.finditer(response))[-MAX_BOXES:]:
        opening = re.compile(r"\s*\{").match(response, match.end())
        if opening and closing_brace(response, opening.end()) < 0:
            return response[: match.start()]
    return response


def _announced(response: str) -> tuple[int, str]:
    """Where the last announcement with something behind it stands, and what it announces; (-1, "") without one."""
    matches = list(_ANNOUNCEMENT.finditer(response))
    for match in reversed(matches[-8:]):
        value = _announced_value(response[match.end() : match.end() + TAIL_CHARS])
        if value:
            return match.start(), value
    return -1, ""


def _announced_value(after: str) -> str:
    after = after.lstrip(" \t:=*_`\"'>")
    if after.startswith("\n"):
        after = after.lstrip()
    for display in (("$$", "$$"), ("\\[", "\\]")):
        if after.startswith(display[0]):
            end = after.find(display[1], 2)
            return after[2:end].strip() if end > 0 else ""
    end_of_sentence = _SENTENCE_END.search(after)
    value = after[: end_of_sentence.start()] if end_of_sentence else after
    value = re.split(r"</|\"\s*[,}]", value, maxsplit=1)[0]
    stray = closing_brace(value, 0)  # of the JSON object or the box around the announcement
    value = value[:stray] if stray >= 0 else value
    reasoning = _REASONING.search(value)
    value = value[: reasoning.start()].rstrip(" \t,") if reasoning else value
    value = value.strip().strip("*`\"'").strip()
    return value.rstrip(".,;").strip()


def _hashed(response: str) -> tuple[int, str]:
    last_line_at = response.rstrip().rfind("\n") + 1
    for match in reversed(list(_HASH_LINE.finditer(response))):
        value = match[1].strip()
        if match.start() >= last_line_at or re.match(r"[-+$\\(\[{.\d]", value):
            return match.start(), value
    return -1, ""


def _last_expression(tail: str) -> str:
    display = _last_display(tail).strip()
    if display:
        return display
    for line in reversed(tail.split("\n")):
        numbers = list(_NUMBER.finditer(line))
        if not numbers:
            continue
        equals = line.rfind("=")
        after = [number for number in numbers if number.start() > equals] if equals >= 0 else []
        return (after[0] if after else numbers[-1])[0].strip()
    return ""


def _last_display(text: str) -> str:
    """The content of the last mathematics in delimiters; empty when there is none."""
    last = ""
    never_closed: set[str] = set()  # a closing that is missing once is not looked for again: time stays linear
    position = 0
    while opening := _OPENING.search(text, position):
        start, position = opening.start(), opening.start() + 1
        if opening[0] == "$":
            inline = _INLINE.match(text, start)
            if inline:
                last, position = inline[1], inline.end()
        elif opening[0] not in never_closed:
            end = text.find(_CLOSING[opening[0]], start + 3)
            if end >= 0:
                last, position = text[start + 2 : end], end + 2
            else:
                never_closed.add(opening[0])
    return last
