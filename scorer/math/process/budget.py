"""Ends a job that is over its processor time, its elapsed time or its call's deadline."""

import asyncio
import math

from scorer.errors import DeadlineExceeded, MachineLoaded
from scorer.math.judgement import Outcome
from scorer.math.process.handle import Worker
from scorer.math.process.wire import Reply
from scorer.math.settings import MathSettings

SHORTEST_SECONDS = 0.005
"""Between two looks at a worker's clock."""


class Budget:
    """Watches one job. Looks at the worker's clock when its time could be up at the earliest, and no more often."""

    def __init__(self, worker: Worker, reply: "asyncio.Future[Reply]", settings: MathSettings, deadline: float) -> None:
        """Starts watching.

        Args:
            worker: Has just begun the job.
            reply: Of the job; resolved here when the job is over its budget. The worker is left to the caller.
            settings: Say how much a job may take.
            deadline: Seconds of the running loop's `time()`.
        """
        self._loop = asyncio.get_running_loop()
        self._worker = worker
        self._reply = reply
        self._seconds = settings.cpu_seconds
        self._cpu_end = worker.cpu_seconds() + settings.cpu_seconds
        self._wall_seconds = settings.wall_seconds
        self._wall_end = self._loop.time() + settings.wall_seconds
        self._deadline = deadline
        self._timer = self._loop.call_at(self._next(settings.cpu_seconds), self._look)

    def stop(self) -> None:
        """The job has ended."""
        self._timer.cancel()

    def _next(self, left: float) -> float:
        soonest = self._loop.time() + max(left, SHORTEST_SECONDS)
        return min(soonest, self._wall_end, self._deadline)

    def _look(self) -> None:
        if self._reply.done():
            return
        left = self._cpu_end - self._worker.cpu_seconds()
        now = self._loop.time()
        if left == -math.inf:
            return  # it has ended: its socket says so
        if left <= 0:
            detail = f"The comparison took more than {self._seconds:g} s of processor time."
            self._reply.set_result(Reply(Outcome.TIME, detail=detail, retire=True))
        elif now >= self._deadline:
            self._reply.set_exception(DeadlineExceeded("the deadline passed during the comparison"))
        elif now >= self._wall_end:
            used = self._seconds - left
            self._reply.set_exception(MachineLoaded(used, self._wall_seconds))
        else:
            self._timer = self._loop.call_at(self._next(left), self._look)
