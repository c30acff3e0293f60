r"""Answers in `\boxed{...}` and `\fbox{...}`."""

import re

from scorer.math.extraction.doubts import denied_before
from scorer.math.extraction.joined import BETWEEN_CHARS, as_one, joins, name_before
from scorer.math.extraction.places import Found
from scorer.math.normalise import closing_brace

MAX_BOXES = 64
"""No more than this many boxes are looked at, the last ones: each may reach to the end of the response."""

_BOX = re.compile(r"\\(?:boxed|fbox|framebox)(?![a-zA-Z])")
_WORD = re.compile(r"\\[a-zA-Z]+(?:\{[^{}]*\}){0,2}|\\[^a-zA-Z][^\s${}]*|[^\s${}\\][^\s${}]*")
_ANNOUNCED_INSIDE = re.compile(
    r"\A(?:\\text(?:bf|rm|it)?\s*\{)?\s*(?:(?:so|thus|hence|therefore),?\s+)?(?:the\s+)?(?:final\s+)?"
    r"answer\s*(?:is|:|=)\s*:?\s*(\})?\s*(?=\S)",
    re.IGNORECASE,
)
_ROOT_BEFORE = re.compile(r"-?\\sqrt\s?\{\s{0,3}\Z")
_CLOSING_BRACE = re.compile(r"\s{0,3}\}")
_STRICT = r"(?:≠|\\(?:lt|gt|neq?)(?![a-zA-Z]))"
_ORDER_BEFORE = re.compile(rf"((?<![\w\\</])[A-Za-z]\s{{0,3}}(?:[<>]|{_STRICT})|{_STRICT})[\s${{]{{0,4}}\Z")
"""Strict: the value in `y \\ge \\boxed{4}` is a least one, that in `y > \\boxed{4}` is no value of y."""
_SIGN_BEFORE = re.compile(r"(?:[=$&(\[<>:]|\\[(\[]|\\approx|\\q?quad|^|\n)([ ]{0,3})(-|\\pm)([ ]{0,3})\Z")
_DIGITS_BEFORE = re.compile(r"(?<![\w.,}^_])(-?\d{1,20})\Z")
_ATTACHED = re.compile(
    r"\s{0,3}(?:\^\s?(?:\\circ(?![a-zA-Z])|\{\s?\\circ\s?\})|\\?%|\^\s?(?:-?[\da-z](?![\da-z])|\{[-+\da-z/]{1,12}\})"
    r"|(?:\\times|\\cdot|×)\s?10\s?\^\s?(?:-?\d|\{\s?-?\d{1,4}\s?\})|\\sqrt\s?(?:\d|\{[^{}]{1,20}\})|\\pi(?![a-zA-Z])"
    r"|!(?=\s?(?:\$|\\\)|\\\])))|\.\d{1,20}"
)
_ORDINAL = re.compile(r"\^\s?\{?\s?\\text|\^\s?\{?(?:th|st|nd|rd)\b")
_UNIT = re.compile(r"\s{0,3}(?:\\[,;: ]|~)?\s{0,2}(\\(?:text|mathrm|mbox)\s?\{[^{}]{1,30}\}(?:\^\s?\{?[23]\}?)?)")
_PLAIN_NUMBER = re.compile(r"-?\d{1,20}(?:[.,]\d{1,20})*|\\[dt]?frac\{\d{1,9}\}\{\d{1,9}\}")
_ONLY_WORDS = re.compile(
    r"(?:[\s$:,]|\\(?:text(?:bf|it|rm)?|mbox)\s?\{[A-Za-z ,:]*\}|[A-Za-z]{2,}(?=[\s:,.$]|\Z))*[.]?"
)
_CHANGES = re.compile(
    r"\b(?:not|no|never|least|most|than|about|minus|plus|times|over|under|or|and|half|twice|double|squared?|cubed?|root)\b",
    re.IGNORECASE,
)
_TERM = re.compile(r"[\w.,]+|\\[a-zA-Z]+(?:\{[^{}]*\}){0,2}")


def boxed(response: str) -> Found | None:
    """The last box that is neither empty nor denied nor inside another one, and those joined to it."""
    values: list[str] = []
    names: list[str] = []
    start, end = -1, -1
    for match, content, stop in reversed(_outer_boxes(response)):
        if denied_before(response[max(0, match.start() - 60) : match.start()]):
            continue
        if values and not (stop <= start and joins(response[stop : min(start, stop + BETWEEN_CHARS + 1)])):
            break
        end = end if values else stop
        start = match.start()
        values.insert(0, content)
        names.insert(0, name_before(response[max(0, start - 20) : start]))
    if not values:
        return None
    text = as_one(values, names)
    if len(values) == 1:
        text, end = _with_attached(response, text, start, end)
    return Found(text, start, end)


def _outer_boxes(response: str) -> list[tuple[re.Match[str], str, int]]:
    """Boxes that are not inside others, each with its content and where it ends."""
    boxes: list[tuple[re.Match[str], str, int]] = []
    for match in list(_BOX.finditer(response))[-MAX_BOXES:]:
        if boxes and match.start() < boxes[-1][2]:
            continue
        content, stop = _content(response, match)
        content = _without_inner_boxes(content)
        if content:
            boxes.append((match, content, stop))
    return boxes


def _without_inner_boxes(content: str) -> str:
    r"""`\frac{5}{6}` for `\frac{\boxed{5}}{6}`; only what is in the inner box behind nothing but words."""
    for _ in range(MAX_BOXES):
        inner = next(reversed(list(_BOX.finditer(content))), None)
        if inner is None:
            break
        value, stop = _content(content, inner)
        before = content[: inner.start()]
        if _ONLY_WORDS.fullmatch(before) and not _CHANGES.search(before) and not content[stop:].strip(" $.}"):
            content = value
        else:
            content = before + value + content[stop:]
    return content


def without_cut_box(response: str) -> str:
    """The response up to a box that is never closed: it was cut there, and what is in the box may go on."""
    for match in list(_BOX.finditer(response))[-MAX_BOXES:]:
        opening = re.compile(r"\s*\{").match(response, match.end())
        if opening and closing_brace(response, opening.end()) < 0:
            return response[: match.start()]
    return response


def _content(response: str, box: re.Match[str]) -> tuple[str, int]:
    """What is in the box, and where the box ends; empty when it is cut off or empty."""
    position = box.end()
    while position < len(response) and response[position] in " \t\n":
        position += 1
    if position >= len(response):
        return "", position
    if response[position] != "{":
        word = _WORD.match(response, position)
        return (word[0].rstrip(".,;"), word.end()) if word else ("", position)
    end = closing_brace(response, position + 1)
    if end < 0:
        return "", position
    content = response[position + 1 : end].strip()
    if response[: box.start()].endswith("\\"):  # written in a string literal, where every backslash is doubled
        content = content.replace("\\\\", "\\")
    return _without_announcement(content), end + 1


def _without_announcement(content: str) -> str:
    announced = _ANNOUNCED_INSIDE.match(content)
    if announced is None:
        return content
    rest = content[announced.end() :]
    if content.startswith("\\text") and not announced[1]:
        return rest[:-1].strip() if rest.endswith("}") else content
    return rest.strip() or content


def _with_attached(response: str, content: str, start: int, end: int) -> tuple[str, int]:
    r"""The value of `-\boxed{5}`, `\boxed{5}^2` or `\boxed{5}\text{ cm}`: what touches the box belongs to it.

    A minus between two values does not: `3-\boxed{2}` may be the last step of a solution whose answer is 2.
    """
    before = response[max(0, start - 30) : start]
    after = response[end : end + 60]
    sign = _SIGN_BEFORE.search(before)
    digits = _DIGITS_BEFORE.search(before)
    term = content if _TERM.fullmatch(content) else f"({content})"
    order = _ORDER_BEFORE.search(before)
    root = _ROOT_BEFORE.search(before)
    if root and (closing := _CLOSING_BRACE.match(after)):
        return f"{root[0].rstrip()}{content}}}", end + closing.end()
    attached = None if _ORDINAL.match(after.lstrip()) else _ATTACHED.match(after)
    unit = _UNIT.match(after)
    if attached and (attached[0][0] != "." or content.isdecimal()):
        content, end = term + attached[0].strip(), end + attached.end()
        term = content
    elif unit and _PLAIN_NUMBER.fullmatch(content):
        content, end = content + unit[0].rstrip(), end + unit.end()
        term = content
    if order:
        return f"{order[1]} {term}", end
    if sign and not (sign[3] and not sign[0].lstrip("\n").startswith(("=", "$", "\\", "&"))):
        return sign[2] + ("" if sign[2] == "-" else " ") + term, end
    if digits:
        return f"{digits[1]}({content})", end
    return content, end
