r"""The answer in a gold text: data sets give whole reference solutions as gold answers, too.

A box or a line `#### 72` in a gold is its answer. A gold that is prose with mathematics in it, and so cannot be read as
an answer, has its answer where a response would have it. A gold that begins with a box has all of it in the box, also
when the last brace was lost.
"""

import re

from scorer.math.extraction.extract import extract
from scorer.math.normalise import closing_brace
from scorer.math.understand import tree_or_none

_MARKED = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])|^\s*####", re.MULTILINE)
_MATHEMATICS = re.compile(r"\$|\\\(|\\\[")
_MIN_WORDS = 8
_VALUE = re.compile(r"[\s$]*-?\s*(?:\d+(?:\.\d+)?|\d+/\d+|\\[dt]?frac\s*\{-?\d+\}\s*\{\d+\})[\s$.]*")
"""A plain number behind an equals sign."""
_UNCLOSED = re.compile(r"[\s$]{0,4}(\\{1,2})(?:boxed|fbox)\s?\{(?=\s{0,4}\S)")


def answer_of_gold(gold: str) -> str:
    """The answer in a box or behind `####`; the whole gold when it has neither."""
    if "####" not in gold and "box" not in gold:
        return gold
    found = extract(gold) if _MARKED.search(gold) else None
    if found is not None:
        return found.answer
    unclosed = _UNCLOSED.match(gold)
    if unclosed is None or closing_brace(gold, unclosed.end()) >= 0:
        return gold
    content = gold[unclosed.end() :].strip(" $\n")
    return content.replace("\\\\", "\\") if len(unclosed[1]) > 1 else content


def answer_in_prose(gold: str) -> str:
    """The answer of a solution that is given as the gold, or the value that an equation gives to what cannot be read;
    empty when the gold is no such thing."""
    if tree_or_none(gold) is not None:
        return ""
    if len(gold.split()) >= _MIN_WORDS and _MATHEMATICS.search(gold):
        found = extract(gold)
        return found.answer if found is not None else ""
    _, equals, value = gold.rpartition("=")
    return value.strip(" $.") if equals and _VALUE.fullmatch(value) else ""
