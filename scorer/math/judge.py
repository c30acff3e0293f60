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
    judgement = by_reading(gold, answer, options, trace)
    return by_algebra(gold, answer, options, trace) if judgement.outcome is Outcome.UNKNOWN else judgement


def by_reading(gold: str, answer: str, options: Options, trace: Trace) -> Judgement:
    """The same without computer algebra, in milliseconds; UNKNOWN when that is not enough."""
    gold = answer_of_gold(gold)
    judgement = understand.compare(gold, answer, options)
    trace.note("reading", judgement)
    if judgement.outcome is Outcome.UNKNOWN and (stated := answer_in_prose(gold)):
        gold = stated
        judgement = understand.compare(gold, answer, options)
        trace.note("reading what the gold states last", judgement)
    if judgement.rule == understand.UNREAD:
        # Whoever reads more reads what was not meant: letters of words as unknowns, and only the start of a sentence.
        judgement = replace(judgement, outcome=Outcome.DIFFERENT)
    return _in_form(gold, answer, judgement, options, trace)


def by_algebra(gold: str, answer: str, options: Options, trace: Trace) -> Judgement:
    """The same by computer algebra alone, for what `by_reading` left UNKNOWN."""
    gold = answer_of_gold(gold)
    gold = answer_in_prose(gold) or gold
    gold_text, answer_text = normalise(gold), normalise(answer)
    danger = hazard(answer_text) or hazard(gold_text)
    if danger:
        judgement = Judgement(Outcome.SIZE, detail=f"not compared: {danger}")
    else:
        trace.symbolic = True
        outcome = Outcome.EQUAL if symbolic.equal(gold, answer) else Outcome.DIFFERENT
        judgement = Judgement(outcome, "symbolic", gold_text, answer_text)
    trace.note("computer algebra", judgement)
    return _in_form(gold, answer, judgement, options, trace)


def _in_form(gold: str, answer: str, judgement: Judgement, options: Options, trace: Trace) -> Judgement:
    """An answer that is right is accepted only in a form that the task allows."""
    if judgement.outcome is not Outcome.EQUAL or not options.forms:
        return judgement
    trace.symbolic = True  # factoring is the computer algebra system's
    reason = unmet(gold, answer, understand.tree_or_none(gold), understand.tree_or_none(answer), options)
    if reason:
        judgement = replace(judgement, outcome=Outcome.DIFFERENT, rule="form", detail=reason)
        trace.note("form", judgement)
    return judgement
