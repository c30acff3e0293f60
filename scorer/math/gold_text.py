r"""The answer in a gold text: data sets give whole reference solutions as gold answers, too.

A box or a line `#### 72` in a gold is its answer. A gold that is prose with mathematics in it, and so cannot be read as
an answer, has its answer where a response would have it.
"""

import re

from scorer.math.extraction.extract import extract
from scorer.math.understand import tree_or_none

_MARKED = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])|^\s*####", re.MULTILINE)
_MATHEMATICS = re.compile(r"\$|\\\(|\\\[")
_MIN_WORDS = 8


def answer_of_gold(gold: str) -> str:
    """The answer in a box or behind `####`; the whole gold when it has neither."""
    found = extract(gold) if _MARKED.search(gold) else None
    return found.answer if found is not None else gold


def answer_in_prose(gold: str) -> str:
    """The answer of a solution that is given as the gold; empty when the gold is no such thing."""
    if len(gold.split()) < _MIN_WORDS or not _MATHEMATICS.search(gold) or tree_or_none(gold) is not None:
        return ""
    found = extract(gold)
    return found.answer if found is not None else ""
