"""Asking the scorer from inside a trainer: sync and async, picklable, one client in each process.

A response without a score stays without one: it comes back as `Unscored` and is never a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from codaserve.adapters.asking import Service
from codaserve.adapters.tasks import answered, group_of, text_of
from codaserve.client.access import Access
from codaserve.v1 import scorer_pb2

INVALID_TASK = "FAILURE_INVALID_TASK"


@dataclass(frozen=True, slots=True)
class Unscored:
    """Why a response has no score: neither right nor wrong may be assumed."""

    code: str
    """A failure's code, or the reason of an undecided verdict."""
    message: str
    """One sentence for people."""


class UnscoredError(Exception):
    """Raised where a trainer has no other way of saying "no reward", so that none is made up.

    Attributes:
        unscored: Each response without a score, by its place in the call.
    """

    def __init__(self, unscored: dict[int, Unscored], of: int) -> None:
        """Takes the responses without a score and the number of all."""
        self.unscored = unscored
        self._of = of
        first = next(iter(unscored.values()))
        super().__init__(f"{len(unscored)} of {of} responses have no score; the first: {first.code}: {first.message}")

    def __reduce__(self) -> tuple[Any, ...]:
        return UnscoredError, (self.unscored, self._of)


class Limits(TypedDict, total=False):
    """What every adapter takes besides addresses; as the fields of `Scoring`."""

    timeout: float
    max_outage: float
    undecided: float | None
    access: Access | None


@dataclass(frozen=True)
class Scoring:
    """Where the scorer is and how long it is waited for. Plain data: it may be pickled and sent to other processes."""

    addresses: Sequence[str] | str = ()
    """`host:port` of each scorer, a list or separated by commas. Default: those of the environment variable
    CODASERVE_SCORERS, else 127.0.0.1:50051."""
    timeout: float = 60.0
    """Seconds that the scorer may take for what it was sent, its queue included."""
    max_outage: float = 30.0
    """Seconds that scorers which are all away or full are waited for."""
    undecided: float | None = None
    """Score of a response that the scorer could not decide on within its limits. Default: none, it is unscored."""
    access: Access | None = None
    """Token and certificates. Default: those of the environment, see codaserve.adapters.access."""

    def score(self, prompts: Sequence[Any], completions: Sequence[Any], tasks: Sequence[Any]) -> "Scores":
        """Scores responses, in order.

        Args:
            prompts: Texts or conversations; equal ones are one group.
            completions: Texts or conversations.
            tasks: As `codaserve.adapters.tasks.task_item` takes them.

        Raises:
            ValueError: The lengths differ.
        """
        call = _Call(prompts, completions, tasks)
        return call.scores(self._service().ask(call.items), self.undecided)

    async def score_async(self, prompts: Sequence[Any], completions: Sequence[Any], tasks: Sequence[Any]) -> "Scores":
        """The same for asyncio programs, from any event loop.

        Raises:
            ValueError: The lengths differ.
        """
        call = _Call(prompts, completions, tasks)
        return call.scores(await self._service().ask_async(call.items), self.undecided)

    def _service(self) -> Service:
        return Service.at("scorer", self.addresses, self.timeout, self.max_outage, self.access)


class _Call:
    """What is asked, and what is known without asking."""

    def __init__(self, prompts: Sequence[Any], completions: Sequence[Any], tasks: Sequence[Any]) -> None:
        if not len(prompts) == len(completions) == len(tasks):
            raise ValueError(f"{len(prompts)} prompts, {len(completions)} responses and {len(tasks)} tasks")
        self.count = len(tasks)
        self.items: list[scorer_pb2.ScoreItem] = []
        self.malformed: dict[int, Unscored] = {}
        for place, (prompt, completion, task) in enumerate(zip(prompts, completions, tasks, strict=True)):
            try:
                self.items.append(answered(task, text_of(completion), id=str(place), group=group_of(prompt)))
            except ValueError as error:
                self.malformed[place] = Unscored(INVALID_TASK, str(error))

    def scores(self, results: Sequence[scorer_pb2.ScoreResult], undecided: float | None) -> "Scores":
        found = self.malformed | {int(result.id): outcome(result, undecided) for result in results}
        return Scores([found[place] for place in range(self.count)])


@dataclass(frozen=True)
class Scores:
    """What became of the responses of one call."""

    outcomes: list[float | Unscored] = field(default_factory=list)
    """In order."""

    def numbers(self) -> list[float]:
        """All scores.

        Raises:
            UnscoredError: A response has none.
        """
        unscored = {place: one for place, one in enumerate(self.outcomes) if isinstance(one, Unscored)}
        if unscored:
            raise UnscoredError(unscored, len(self.outcomes))
        return [one for one in self.outcomes if not isinstance(one, Unscored)]

    def optional(self) -> list[float | None]:
        """All scores, None for a response that has none."""
        return [None if isinstance(one, Unscored) else one for one in self.outcomes]


def outcome(result: scorer_pb2.ScoreResult, undecided: float | None = None) -> float | Unscored:
    """The score of a result, in [0, 1], or why it has none.

    Args:
        result: As a scorer gave it.
        undecided: What an undecided verdict counts; None leaves it without a score.
    """
    if not result.HasField("verdict"):
        return Unscored(scorer_pb2.FailureCode.Name(result.failure.code), result.failure.message)
    verdict = result.verdict
    if verdict.HasField("score"):
        return verdict.score
    if verdict.HasField("correct"):
        return float(verdict.correct)
    if undecided is not None:
        return undecided
    return Unscored(scorer_pb2.Reason.Name(verdict.reason), verdict.detail)
