"""The whole chain of methods that compare an answer with one gold answer, the cheap and certain ones first.

Runs in worker processes: it may take any time and memory.
"""

from dataclasses import replace

from scorer.math import symbolic, understand
from scorer.math.answers.forms import unmet
from scorer.math.gold_text import answer_in_prose, answer_of_gold
from scorer.math.hazards import hazard
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.normalise import normalise


class Trace:
    """The methods that were tried and what each said, for people."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        """Name of the method and what it said."""
        self.symbolic = False
        """The computer algebra system was asked: it keeps state between comparisons."""

    def note(self, method: str, judgement: Judgement) -> None:
        """Adds a step."""
        parts = (judgement.outcome.value, judgement.rule and f"by {judgement.rule}", judgement.detail)
        self.steps.append((method, ", ".join(part for part in parts if part)))


def compare(gold: str, answer: str, options: Options, trace: Trace) -> Judgement:
    """Compares an answer with a gold answer, both as they were written.

    Args:
        gold: The gold answer.
        answer: The answer.
        options: What the task asks for.
        trace: Filled with the path that was taken.

    Returns:
        A judgement that is never UNKNOWN: what no method can tell is DIFFERENT.

    Raises:
        MemoryError: The memory limit of the process was met.
        RecursionError: The expression is nested too deeply.
        TooLarge: It is refused for its size.
    """
    gold = answer_of_gold(gold)
    judgement = understand.compare(gold, answer, options)
    trace.note("understand", judgement)
    if judgement.outcome is Outcome.UNKNOWN and (stated := answer_in_prose(gold)):
        gold = stated
        judgement = understand.compare(gold, answer, options)
        trace.note("understand the gold's last statement", judgement)
    if judgement.outcome is Outcome.UNKNOWN:
        judgement = _by_algebra(gold, answer, judgement, trace)
        trace.note("symbolic", judgement)
    if judgement.outcome is Outcome.EQUAL and options.forms:
        trees = understand.tree_or_none(gold), understand.tree_or_none(answer)
        reason = unmet(gold, answer, *trees, options)
        if reason:
            judgement = replace(judgement, outcome=Outcome.DIFFERENT, rule="form", detail=reason)
            trace.note("form", judgement)
    return judgement


def _by_algebra(gold: str, answer: str, so_far: Judgement, trace: Trace) -> Judgement:
    gold, answer = normalise(gold), normalise(answer)
    danger = hazard(answer) or hazard(gold)
    if danger:
        return Judgement(Outcome.SIZE, detail=f"not compared: {danger}")
    trace.symbolic = True
    outcome = Outcome.EQUAL if symbolic.equal(gold, answer) else Outcome.DIFFERENT
    return Judgement(outcome, "symbolic", so_far.gold_form or gold, so_far.answer_form or answer)
