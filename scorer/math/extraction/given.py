r"""Answers that the caller has extracted, and gold answers: no search, but a box is opened."""

import re

from scorer.math.extraction.boxed import boxed
from scorer.math.extraction.clean import clean

_ENCLOSED = re.compile(r"(?:\$\$?|\\[(\[])?\s*\\{1,2}(?:boxed|fbox|framebox)(?![a-zA-Z])")


def opened(answer: str) -> str:
    r"""The answer without the `\boxed{}` that encloses it and white space around it; may be empty."""
    text = answer.strip()
    if _ENCLOSED.match(text) is None:
        return text
    found = boxed(clean(text))
    return found.text if found else text
