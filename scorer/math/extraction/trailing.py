"""Units behind a value in a sentence: "5 cm" is not 5 m, so the unit has to be compared."""

import re

from scorer.math.vocabulary import CANONICAL

_WORD = re.compile(r"\s{1,2}(\\?%|[A-Za-z]{1,12}(?:/[A-Za-z]{1,10})?)(\^\{?[23]\}?|[²³])?(?![\w'’-])")
_OTHER_WORDS = frozenset({"in", "am", "second", "a"})
"""They are more often no units."""


def unit_behind(text: str, position: int) -> str:
    """The known unit that stands right behind a position, with the space before it; empty when there is none."""
    match = _WORD.match(text, position)
    if match is None:
        return ""
    names = match[1].split("/")
    known = all(name in CANONICAL or name.removesuffix("s") in CANONICAL for name in names)
    return match[0] if (known or "%" in match[1]) and match[1] not in _OTHER_WORDS else ""
