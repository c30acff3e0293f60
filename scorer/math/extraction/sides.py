"""Which side of an equals sign is the value."""

import re

from scorer.math.normalise import normalise
from scorer.math.numbers import numbers_equal, read_number

_COMMAND = re.compile(
    r"\\(?:left|right|[dtc]?frac|sqrt|times|cdot|div|pi|binom|[dt]binom|log|ln|sin|cos|tan|b?mod|pm|begin\{vmatrix\}"
    r"|end\{vmatrix\})(?![a-zA-Z])"
)
_LETTER = re.compile(r"[a-zA-Z]")
_LIST = re.compile(r",\s|\b(?:or|and)\b|;")
_EQUALS = re.compile(r"(?<![<>!\\=:])=(?![=])")


def value_side(text: str) -> str:
    """What a calculation comes to: `12` for `3 + 4 + 5 = 12`.

    Equations with unknowns, lists, and what says that two different numbers are equal, stay as they are.
    """
    enclosed = len(text) > 2 and text[0] == text[-1] == "$" and text.count("$") == 2
    inner = text[1:-1] if enclosed else text
    signs = list(_EQUALS.finditer(inner)) if not _LIST.search(inner) else []
    if not signs:
        return text
    left, right = inner[: signs[-1].start()], inner[signs[-1].end() :].strip()
    if not right or _LETTER.search(_COMMAND.sub("", left)) or left.count("{") != left.count("}"):
        return text
    return text if _differ(left, right) else right


def _differ(left: str, right: str) -> bool:
    first = read_number(normalise(left))
    second = read_number(normalise(right)) if first else None
    return first is not None and second is not None and not numbers_equal(first, second)
