"""Gold answers that are whole solutions: data sets keep the answer in a box, behind `####`, or in the last sentence."""

from scorer.math.extraction.boxed import boxed
from scorer.math.extraction.clean import clean
from scorer.math.extraction.extract import extract

_SOLUTION_WORDS = 8
"""A gold of fewer words is the answer itself, even when it says "answer"."""
_STATED = ("final_answer", "hash")


def answer_of_gold(gold: str) -> str:
    r"""The answer that a gold states: what it boxes or, when it is a text, what it announces; else all of it.

    A last expression is not searched for: a gold that is read wrongly would be a free reward.
    """
    text = gold.strip()
    if "\\boxed" in text or "\\fbox" in text:
        found = boxed(clean(text))
        return found.text if found else text
    if len(text.split()) < _SOLUTION_WORDS:
        return text
    extraction = extract(text)
    return extraction.answer if extraction and extraction.rule in _STATED else text
