"""The processes that train one policy together.

Each samples, scores and values its share of a batch and computes the gradient of its share of the rows. Everything
that is decided from the whole batch is decided from what all of them found. What they tell each other goes over a
group of its own, on the processors and with a deadline, whatever the gradients go over.

All processes come to the same meetings in the same order: whatever may fail in one alone is done inside a meeting,
which all of them leave with the same error.
"""

import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, distributed

from trainer.errors import PeerLostError

Result = TypeVar("Result")
BUCKET_NUMBERS = 1 << 24
"""Gradients are summed so many numbers at a time: the memory for that is 64 MB."""


class Peers:
    """One process among them. With a single one, nothing is exchanged and every meeting is a plain call."""

    def __init__(self, index: int = 0, count: int = 1, *, timeout: float = 1800.0) -> None:
        """Meets the others once, to open the group.

        Args:
            index: Of this process, from 0. The first is the main one.
            count: Of processes, of which torch.distributed knows when there are several.
            timeout: Seconds for which the others are waited for in a meeting.

        Raises:
            PeerLostError: Another process did not come.
        """
        self.index = index
        self.count = count
        self._group: Any = None
        if count > 1:
            self._group = _kept(lambda: distributed.new_group(backend="gloo", timeout=timedelta(seconds=timeout)))

    @property
    def main(self) -> bool:
        """Whether this is the process that writes files, starts services and tells what happens."""
        return self.index == 0

    @property
    def several_machines(self) -> bool:
        """Whether some of the processes are on another machine, as far as the launcher says."""
        return int(os.environ.get("LOCAL_WORLD_SIZE", self.count)) < self.count

    def share(self, amount: int) -> range:
        """Which of so many places are this process's: every count-th, so that neighbours are spread."""
        return range(self.index, amount, self.count)

    def of_main(self, amount: int) -> range:
        """All of so many places for the main process, none for the others."""
        return range(amount if self.main else 0)

    def gather(self, mine: Result) -> list[Result]:
        """What every process gives, in their order.

        Raises:
            PeerLostError: Another process is gone or did not come in time.
        """
        if self._group is None:
            return [mine]
        found: list[Any] = [None] * self.count
        _kept(lambda: distributed.all_gather_object(found, mine, group=self._group))
        return cast("list[Result]", found)

    def together(self, work: Callable[[], Result]) -> list[Result]:
        """Every process does its work; the results of all, in their order.

        Raises:
            Exception: What the work raised, the same in every process: that of the first one whose work raised.
            PeerLostError: As `gather`.
        """
        if self._group is None:
            return [work()]
        result, error = _attempt(work)
        try:
            found = self.gather((result, error))
        except PeerLostError:
            if error is not None:  # why this one is to end says more
                raise error from None
            raise
        _raise_first(error for _, error in found)
        return [cast("Result", result) for result, _ in found]

    def agree(self, work: Callable[[], Result]) -> Result:
        """Every process does its work and keeps the result.

        Raises:
            Exception, PeerLostError: As `together`.
        """
        kept: list[Result] = []
        self.together(lambda: kept.append(work()))
        return kept[0]

    def first(self, work: Callable[[], Result]) -> Result:
        """The main process does the work; every one has the result.

        Raises:
            Exception, PeerLostError: As `together`.
        """
        return cast("Result", self.together(lambda: work() if self.main else None)[0])

    def sum_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Makes every process's gradients the sum of all; a parameter without one counts as 0.

        Raises:
            PeerLostError: As `gather`.
        """
        if self._group is None:
            return
        bucket: list[Tensor] = []
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            bucket.append(parameter.grad)
            if sum(gradient.numel() for gradient in bucket) >= BUCKET_NUMBERS:
                _sum(bucket)
                bucket = []
        if bucket:
            _sum(bucket)


ALONE = Peers()
"""A single process."""


def leave() -> None:
    """Waits for the others at the end of the program, so that a launcher does not end one that still has something to
    say, and closes what they were connected by."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return
    try:
        group = distributed.new_group(backend="gloo", timeout=timedelta(seconds=60))
        distributed.barrier(group=group)
    except RuntimeError:
        return  # one of them is gone, and what is left of the group cannot be closed in order
    distributed.destroy_process_group()


def _sum(gradients: Sequence[Tensor]) -> None:
    whole = torch.cat([gradient.flatten() for gradient in gradients])
    _kept(lambda: distributed.all_reduce(whole))
    parts = torch.split(whole, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def _attempt(work: Callable[[], Result]) -> tuple[Result | None, Exception | None]:
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001, raised by all processes
        return None, _sendable(error)


def _sendable(error: Exception) -> Exception:
    """The error, or one in its place where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001, an error's own class may fail in any way
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _raise_first(errors: Iterable[Exception | None]) -> None:
    for error in errors:
        if error is not None:
            raise error


def _kept(meeting: Callable[[], Result]) -> Result:
    try:
        return meeting()
    except RuntimeError as error:
        # The libraries say where in their source they are, then what, then what to do about them.
        reason = str(error).rpartition("\n")[2].rpartition("] ")[2].partition(". ")[0] or type(error).__name__
        raise PeerLostError(f"another training process has ended, or did not come in time: {reason}") from error
