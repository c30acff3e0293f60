"""Scoring groups as they are complete, and valuing their steps as they are scored, while others are still sampled."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Self

from codaserve.v1 import critic_pb2, scorer_pb2
from trainer.groups import PLAIN, Group, judge
from trainer.rewards.marking import Marking
from trainer.steps import value_steps

AT_ONCE = 32
"""Groups that are scored or valued at one time."""
Score = Callable[[Sequence[scorer_pb2.ScoreItem]], Sequence[scorer_pb2.ScoreResult]]
Evaluate = Callable[[Sequence[critic_pb2.StateGroup]], Sequence[critic_pb2.GroupEvaluation]]


class Judging:
    """The way of one batch's groups through scorer and critic. A context manager: leaving it forgets what is left."""

    def __init__(self, score: Score, evaluate: Evaluate | None, name: str, marking: Marking = PLAIN) -> None:
        """Asks nothing yet.

        Args:
            score: Asks the scorer; called from several threads.
            evaluate: Asks the critic, likewise; None to leave it out.
            name: Of the batch, for the ids of its items.
            marking: What the verdicts are worth.
        """
        self._marking = marking
        self._score = score
        self._evaluate = evaluate
        self._name = name
        self._pool = ThreadPoolExecutor(AT_ONCE, "judging")
        self._scores: list[Future[None]] = []
        self._values: list[Future[None]] = []

    def add(self, number: int, group: Group) -> None:
        """Sends a complete group on its way.

        Args:
            number: Its place in the batch.
            group: Its answers are filled in.

        Raises:
            RunStoppedError: As `wait_scored`, of a group that was added before.
        """
        self._scores.append(self._pool.submit(copy_context().run, self._score_group, number, group))
        for future in self._scores:
            if future.done():
                future.result()

    def wait_scored(self) -> None:
        """Returns when all groups are scored.

        Raises:
            ScorerAwayError: The scorer was waited for and did not come back.
            ServiceEndedError: The scorer was our own and has ended.
        """
        for future in self._scores:
            future.result()

    def wait_valued(self) -> None:
        """Returns when the steps of all groups are valued; after `wait_scored`.

        Raises:
            ServiceEndedError: The critic was our own and has ended.
        """
        for future in self._values:
            future.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is under way when a run stops ends at the latest when its services are closed.
        self._pool.shutdown(wait=error is None, cancel_futures=True)

    def _score_group(self, number: int, group: Group) -> None:
        judge([group], self._score, name=self._name, first=number, marking=self._marking)
        if self._evaluate is not None:
            self._values.append(self._pool.submit(copy_context().run, self._value_group, number, group, self._evaluate))

    def _value_group(self, number: int, group: Group, evaluate: Evaluate) -> None:
        value_steps([group], evaluate, name=f"{self._name}/{number}")
