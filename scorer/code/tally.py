"""The outcomes of a task's cases as they come in, and what they amount to."""

import itertools

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.show import printable


def stops_early(task: pb.CodeTask) -> bool:
    """Whether the first case that does not pass ends the work."""
    return task.stop_early if task.HasField("stop_early") else not task.partial_credit


def count_cases(task: pb.CodeTask) -> int:
    """How many cases a task has; an assert script is one."""
    match task.WhichOneof("tests"):
        case "stdio":
            return len(task.stdio.cases)
        case "calls":
            return len(task.calls.cases)
        case _:
            return 1


class Tally:
    """The outcomes of the cases so far, in order."""

    def __init__(self, task: pb.CodeTask) -> None:
        self._task = task
        self._stops_early = stops_early(task)
        self._failed: int | None = None
        self._got = ""
        self.outcomes: list[pb.CaseOutcome] = []

    @property
    def decided(self) -> bool:
        """Whether further cases are not wanted."""
        done = len(self.outcomes) >= count_cases(self._task)
        return done or (self._stops_early and self._failed is not None)

    def add(self, outcome: pb.CaseOutcome, got: str = "") -> None:
        """Adds the outcome of the next case, and what came of it as it may be shown."""
        if outcome.reason != pb.REASON_PASSED and self._failed is None:
            self._failed, self._got = len(self.outcomes), got
        self.outcomes.append(outcome)

    def verdict(self) -> pb.Verdict:
        """What the outcomes amount to; cases beyond them were skipped."""
        count = count_cases(self._task)
        correct = self._failed is None and len(self.outcomes) == count
        score = sum(outcome.score for outcome in self.outcomes) / count
        skipped = itertools.repeat(pb.CaseOutcome(skipped=True), count - len(self.outcomes))
        verdict = pb.Verdict(
            correct=correct,
            score=score if self._task.partial_credit else float(correct),
            reason=pb.REASON_PASSED,
            detail=f"{count} of {count} passed",
            cases=[*self.outcomes, *skipped],
        )
        if self._failed is not None:
            outcome = self.outcomes[self._failed]
            verdict.reason = outcome.reason
            verdict.detail = printable(f"case {self._failed + 1} of {count}: {outcome.detail}")
            verdict.first_failure.CopyFrom(self._first_failure(self._failed))
        return verdict

    def _first_failure(self, index: int) -> pb.FirstFailure:
        task, failure = self._task, pb.FirstFailure(case=index, got=printable(self._got))
        match task.WhichOneof("tests"):
            case "stdio":
                given, expected = task.stdio.cases[index].input, task.stdio.cases[index].output
            case "calls":
                call = task.calls.cases[index]
                expected = call.expected
                given = call.arguments or "[]"
                given += f" {call.keyword_arguments}" if call.keyword_arguments else ""
            case _:
                return failure
        failure.input = printable(given)
        failure.expected = printable(expected) if task.show_expected else ""
        return failure
