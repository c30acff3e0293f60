"""Works on items in scheduled order, a bounded number at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from scorer.schedule import Schedule

Item = TypeVar("Item")
Result = TypeVar("Result")


class Job(Generic[Item, Result]):
    """One admitted item. `future` is its result, cancelled when the job is."""

    __slots__ = ("deadline", "future", "item", "task")

    def __init__(self, item: Item, deadline: float) -> None:
        self.item = item
        self.deadline = deadline
        self.future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None


class Dispatcher(Generic[Item, Result]):
    """Starts waiting jobs whenever one of its slots is free."""

    def __init__(self, work: Callable[[Item, float], Awaitable[Result]], slots: int) -> None:
        """Args:
        work: Works on an item before a deadline (seconds of the loop's `time()`).
        slots: Jobs that are worked on at one time.
        """
        self._work = work
        self._slots = slots
        self._schedule: Schedule[Job[Item, Result]] = Schedule()
        self._running: set[asyncio.Task[None]] = set()

    def submit(self, item: Item, group: Hashable, deadline: float) -> Job[Item, Result]:
        """Queues an item; whoever submits it bounds how many."""
        job: Job[Item, Result] = Job(item, deadline)
        self._schedule.add(job, group)
        self._fill()
        return job

    def cancel(self, job: Job[Item, Result]) -> None:
        """Stops a job: a waiting one never starts, a running one's work is cancelled. Done ones stay done."""
        if self._schedule.drop(job):
            job.future.cancel()
        elif job.task is not None:
            job.task.cancel()

    def _fill(self) -> None:
        while len(self._running) < self._slots and (job := self._schedule.take()) is not None:
            job.task = asyncio.ensure_future(self._run(job))
            self._running.add(job.task)
            job.task.add_done_callback(lambda task, job=job: self._ended(task, job))  # type: ignore[misc]

    async def _run(self, job: Job[Item, Result]) -> None:
        result = await self._work(job.item, job.deadline)
        if not job.future.done():
            job.future.set_result(result)

    def _ended(self, task: asyncio.Task[None], job: Job[Item, Result]) -> None:
        self._running.discard(task)
        self._schedule.finish(job)
        if not job.future.done():
            if not task.cancelled() and (error := task.exception()) is not None:
                job.future.set_exception(error)
            else:
                job.future.cancel()
        self._fill()
