"""Works on items in scheduled order, a bounded number at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from codaserve.serving.schedule import Schedule
from scorer.metrics import PHASE_SECONDS

RECENT = 64
"""Items that times are estimated by."""
ENOUGH = 16
"""As many must there be."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class Job(Generic[Item, Result]):
    """One admitted item. `future` is its result, cancelled when the job is."""

    __slots__ = ("arrived", "context", "deadline", "future", "given_up", "item", "span", "task")

    def __init__(self, item: Item, deadline: float) -> None:
        self.item = item
        self.span: Any = None
        """Of a trace; ended by whoever began it."""
        self.given_up = False
        """Whether it was not begun because it could not have been done in time."""
        self.arrived = asyncio.get_running_loop().time()
        self.context = copy_context()
        """Of the call that it came with."""
        self.deadline = deadline
        self.future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None


class Dispatcher(Generic[Item, Result]):
    """Starts waiting jobs whenever one of its slots is free; not those that no item of late was quick enough for."""

    def __init__(self, work: Callable[[Item, float], Awaitable[Result]], slots: int, kind: str) -> None:
        """Args:
        work: Works on an item before a deadline (seconds of the loop's `time()`).
        slots: Jobs that are worked on at one time.
        kind: What metrics call the jobs.
        """
        self._waits = PHASE_SECONDS.labels(kind, "wait")
        self._work = work
        self._slots = slots
        self._schedule: Schedule[Job[Item, Result]] = Schedule()
        self._running: set[asyncio.Task[None]] = set()
        self._seconds: deque[float] = deque(maxlen=RECENT)

    def submit(
        self, item: Item, group: Hashable, deadline: float, *, client: Hashable = None, due: float | None = None
    ) -> Job[Item, Result]:
        """Queues an item; whoever submits it bounds how many.

        Args:
            item: The item.
            group: Items of a client with equal groups are worked on together.
            deadline: When it must be done, in seconds of the running loop's `time()`.
            client: Whose it is.
            due: Its place in the order, where it is not by `deadline`.
        """
        job: Job[Item, Result] = Job(item, deadline)
        self._schedule.add(job, group, client=client, due=deadline if due is None else due)
        self._fill()
        return job

    def expected_wait(self, client: Hashable = None) -> float:
        """Seconds until an item of a client that came now would begin, by the items of late; 0 as long as they are
        few."""
        if len(self._seconds) < ENOUGH:
            return 0.0
        own, others = self._schedule.waiting_of(client), self._schedule.clients_waiting
        before = min(self._schedule.waiting, own * max(others, 1))
        return before * sum(self._seconds) / len(self._seconds) / self._slots

    def cancel(self, job: Job[Item, Result]) -> None:
        """Stops a job: a waiting one never starts, a running one's work is cancelled. Done ones stay done."""
        if self._schedule.drop(job):
            job.future.cancel()
        elif job.task is not None:
            job.task.cancel()

    def _fill(self) -> None:
        if not self._schedule.waiting or len(self._running) >= self._slots:
            return
        loop = asyncio.get_running_loop()
        while len(self._running) < self._slots and (job := self._schedule.take()) is not None:
            now = loop.time()
            self._waits.observe(now - job.arrived)
            if len(self._seconds) >= ENOUGH and now + min(self._seconds) > job.deadline:
                job.given_up = True
                self._schedule.finish(job)
                job.future.cancel()
                continue
            # In the job's own context: whoever's end makes room here is somebody else.
            job.task = loop.create_task(self._run(job), context=job.context)
            self._running.add(job.task)
            job.task.add_done_callback(lambda task, job=job: self._ended(task, job))  # type: ignore[misc]

    async def _run(self, job: Job[Item, Result]) -> None:
        begun = job.future.get_loop().time()
        result = await self._work(job.item, job.deadline)
        self._seconds.append(job.future.get_loop().time() - begun)
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
