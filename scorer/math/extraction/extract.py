r"""Finds the answer in a free-text response: the order in which the places are looked at.

1. `boxed`: the last box that is not empty, or the last ones when they are joined to one list. An announcement of "the
   final answer" far behind it comes first: models that announce box their intermediate results.
2. The later one of `final_answer`, what is announced as the answer, and `hash`, the line after `####`.
3. `last_expression`: the last value that is stated.

What stands in thoughts and program text is not looked at. A value that the response denies, takes back, asks for or
ascribes to the graders is no answer. Everything takes time linear in the response.
"""

import re
from dataclasses import dataclass

from scorer.math.extraction.alternatives import one_of_equals
from scorer.math.extraction.announced import announced
from scorer.math.extraction.boxed import boxed, without_cut_box
from scorer.math.extraction.clean import clean
from scorer.math.extraction.contradictions import contradicted
from scorer.math.extraction.doubts import taken_back
from scorer.math.extraction.given import opened
from scorer.math.extraction.hashed import hashed
from scorer.math.extraction.last_expression import last_expression
from scorer.math.extraction.places import Found
from scorer.math.extraction.sides import value_side
from scorer.math.extraction.thought import answer_part
from scorer.math.extraction.turns import before_next_question, own_turn

SEARCHED_CHARS = 200_000
"""No more than this many characters are looked at, the last ones."""
TAIL_CHARS = 20_000
"""Step 3 looks at no more than this many of them."""
_FAR_CHARS = 200

_AGAIN = re.compile(r"[\s$,]{0,4}\(?or\s([-\d.,/]{1,30}(?:\\?%)?)(?=[\s).$]|\Z)")
_FINAL = re.compile(r"\bfinal\s+answer\b", re.IGNORECASE)


@dataclass(frozen=True)
class Extraction:
    """An answer that was found."""

    answer: str
    """As it stands in the response, white space around it taken away; never empty."""
    rule: str
    """"boxed", "final_answer", "hash", "last_expression" or "given"."""


def extract(response: str) -> Extraction | None:
    """The answer of a response by the rules at the top of this file; None when there is none."""
    response = answer_part(clean(own_turn(response)))[-SEARCHED_CHARS:]
    response = before_next_question(response, _has_answer)
    box = boxed(response)
    if box:
        return _boxed(response, box)
    response = without_cut_box(response)
    candidates = _candidates(response)
    if candidates:
        _, found, rule = candidates.pop()
        return _unless_denied(response, found, rule, [one for _, one, _ in reversed(candidates)])
    last = last_expression(response[-TAIL_CHARS:])
    return Extraction(one_of_equals(last.text), "last_expression") if last else None


def _has_answer(response: str) -> bool:
    return boxed(response) is not None or bool(_candidates(response))


def _boxed(response: str, box: Found) -> Extraction | None:
    """The boxed answer, unless the response goes on, or calculates on, and then announces a final answer."""
    tail = response[box.end :]
    candidates = _candidates(tail)
    if candidates:
        start, found, rule = candidates[-1]
        goes_on = start > _FAR_CHARS or "=" in tail[:start]
        if goes_on and _FINAL.search(tail, max(0, start - 20), found.end):
            return _unless_denied(tail, found, rule, [])
    return _unless_denied(tail, Found(box.text, 0, 0), "boxed", [one for _, one, _ in candidates])


def _candidates(response: str) -> list[tuple[int, Found, str]]:
    """Announced answers and the one behind `####` in order: where, what, and the rule."""
    line = hashed(response)
    found = [(one.start, one, "final_answer") for one in announced(response)]
    return sorted(found + ([(line.start, line, "hash")] if line else []), key=lambda one: one[0])


def given(answer: str) -> Extraction | None:
    r"""An answer that the caller extracted; a `\boxed{}` that encloses it is taken off. None when it is empty."""
    text = opened(answer)
    return Extraction(text, "given") if text else None


def _spelled_again(response: str, found: Found) -> bool:
    """Whether the same value follows in another spelling: `\\boxed{\\frac{3}{4}} or 75%`."""
    again = _AGAIN.match(response, found.end)
    return again is not None and one_of_equals(f"{found.text} or {again[1]}") in (found.text, again[1])


def _unless_denied(response: str, found: Found, rule: str, others: list[Found]) -> Extraction | None:
    """The answer; None when what follows takes it back, or when another one contradicts it."""
    if not _spelled_again(response, found) and taken_back(response[found.end :], found.text):
        return None
    if contradicted(response, found, others):
        return None
    return Extraction(one_of_equals(value_side(found.text) if rule == "final_answer" else found.text), rule)
