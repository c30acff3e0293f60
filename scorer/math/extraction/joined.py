"""Several values that are one answer: "2 and 3", each in a box or a display of its own."""

import re

BETWEEN_CHARS = 80
"""Longer text between two values never joins them."""

_SPACING = re.compile(r"[\s$~]|\\[()\[\],;:! ]|\\q?quad(?![a-z])|\\(?:text|mbox)\s*(?=\{)|[{}]")
_NAME = r"\\?[A-Za-z]{1,8}(?:_\w{1,8})?(?:\(\w\))?"
_NAME_AT_END = re.compile(rf"(?<![\\\w]){_NAME}\s?&?=\s?\Z")
_WORDS = re.compile(r"(?P<mark>[,;]?) ?\(?(?P<words>[A-Za-z()' -]*)")
_FILLED = re.compile(
    r"\b(?:is|was|are|no|not|wait|actually|then|so|thus|hence|but|wrong|right|later|first|we|it|i|get|gives|find|final"
    r"|finally|therefore|simplify|answer|try|guess|instead)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 5


def joins(between: str) -> bool:
    r"""Whether two values with this text between them are members of one list.

    A comma, a semicolon, "and", "or" and nothing do; a few words that name what the first value counts may stand before
    "and": `\boxed{1} papers and \boxed{2} bins`. A name with an equals sign may stand before the second value.
    """
    if not between:
        return True
    if len(between) > BETWEEN_CHARS:
        return False
    text = _NAME_AT_END.sub("", " ".join(_SPACING.sub(" ", between).split())).strip()
    match = _WORDS.fullmatch(text)
    if match is None:
        return False
    words = match["words"].lower().strip(" (").split()
    if not words:
        return match["mark"] != ""
    return words[-1] in ("and", "or") and len(words) <= _MOST_WORDS and not _FILLED.search(match["words"])


def name_before(text: str) -> str:
    """The unknown that the value behind this text belongs to (`x` for `so x = `); empty when there is none."""
    match = _NAME_AT_END.search(_SPACING.sub(" ", text[-20:]).rstrip())
    return match[0].rstrip("=& ") if match else ""


def as_one(values: list[str], names: list[str]) -> str:
    """The list of all values; with the names when every value has its own, so that `x=1, y=2` keeps its order."""
    if len(values) > 1 and all(names) and len(set(names)) == len(names):
        return ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
    return ", ".join(dict.fromkeys(values))
