"""The whole chain of methods that compare an answer with one gold answer, the cheap and certain ones first.

Runs in worker processes: it may take any time and memory.
"""

from scorer.math import symbolic
from scorer.math.judgement import Judgement, Options, Outcome


class Trace:
    """The methods that were tried and what each said, for people."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        """Name of the method and what it said."""
        self.symbolic = False
        """The computer algebra system was asked: it keeps state between comparisons."""

    def note(self, method: str, said: str) -> None:
        """Adds a step."""
        self.steps.append((method, said))


def compare(gold: str, answer: str, options: Options, trace: Trace) -> Judgement:
    """Compares two normalised texts (`scorer.math.normalise`).

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
    """
    del options
    trace.symbolic = True
    equal = symbolic.equal(gold, answer)
    trace.note("symbolic", "equal" if equal else "different")
    return Judgement(Outcome.EQUAL if equal else Outcome.DIFFERENT, "symbolic", gold, answer)
