"""Which side of an equals sign is the value."""

import re

_COMMAND = re.compile(
    r"\\(?:left|right|[dtc]?frac|sqrt|times|cdot|div|pi|binom|[dt]binom|log|ln|sin|cos|tan|b?mod|pm|begin\{vmatrix\}"
    r"|end\{vmatrix\})(?![a-zA-Z])"
)
_LETTER = re.compile(r"[a-zA-Z]")
_LIST = re.compile(r",\s|\b(?:or|and)\b|;")
_EQUALS = re.compile(r"(?<![<>!\\=:])=(?![=])")


def value_side(text: str) -> str:
    """What a calculation comes to: `12` for `3 + 4 + 5 = 12`. Equations with unknowns, and lists, stay as they are."""
    signs = list(_EQUALS.finditer(text)) if not _LIST.search(text) else []
    if not signs:
        return text
    left, right = text[: signs[-1].start()], text[signs[-1].end() :].strip()
    if not right or _LETTER.search(_COMMAND.sub("", left)) or left.count("{") != left.count("}"):
        return text
    return right
