"""Comparisons in worker processes: no more at one time than configured, each in a worker that is fit for it."""

import asyncio
import logging
import math
from collections import deque

from scorer import metrics
from scorer.errors import DeadlineExceeded
from scorer.kernel.layers import Layer
from scorer.math.judgement import Outcome
from scorer.math.process import wire
from scorer.math.process.budget import Budget
from scorer.math.process.handle import Worker, WorkerCrashed
from scorer.math.process.template import Template
from scorer.math.process.wire import Job, Reply
from scorer.math.settings import MathSettings

SPARES = 1
"""Workers that are kept ready beyond those that may be busy: whoever comes after a worker that is not used twice does
not wait for the fork of the next."""
RESTART_SECONDS = 1.0
"""Pause between attempts to start a template that does not start."""

_log = logging.getLogger(__name__)


class WorkerPool:
    """Workers, each with at most one job. One that ran the computer algebra system is not used again, since that keeps
    state which might change the next verdict."""

    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings
        self._ready: list[Worker] = []
        self._busy: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._template: Template | None = None
        self._closed = False
        self.layers: tuple[Layer, ...] = ()
        """The walls around the workers; known when the pool has started."""
        self.kills = 0
        """Workers that were killed in the middle of a job so far."""

    async def start(self) -> None:
        """Starts the workers.

        Raises:
            OSError: They cannot be started.
        """
        self._template = await Template.start(self._settings.memory_bytes)
        self.layers = self._template.layers
        for layer in self.layers:
            if not layer.active:
                _log.warning("math workers run without %s: %s", layer.name, layer.detail)
        while self._missing():
            self._ready.append(await self._fork(self._template))

    @property
    def is_warm(self) -> bool:
        """Whether there are workers."""
        return bool(self._ready or self._busy)

    async def close(self) -> None:
        """Kills the workers and ends their template; returns when it is reaped. What waits for a worker fails."""
        self._closed = True
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        for worker in (*self._ready, *self._busy):
            worker.kill()
        self._ready.clear()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(WorkerCrashed("the pool is closed"))
        if self._template is not None:
            await self._template.end()
            self._template = None

    async def compare(self, job: Job, deadline: float = math.inf) -> Reply:
        """Compares an answer with gold answers; waits for a worker first. Cancelling kills the worker.

        Args:
            job: What to compare.
            deadline: When the reply must be there, in seconds of the running loop's `time()`.

        Raises:
            DeadlineExceeded: The deadline passed first.
            MachineLoaded: The job did not get its processor time within `wall_seconds`.
            WorkerCrashed: Two workers ended in the middle of the job, one after the other.
        """
        message = wire.encode_job(job)
        try:
            return await self._once(message, deadline)
        except WorkerCrashed as error:
            _log.warning("a math worker crashed, trying once more: %s", error)
            return await self._once(message, deadline)

    async def _once(self, message: bytes, deadline: float) -> Reply:
        worker = await self._take(deadline)
        budget: Budget | None = None
        finished = keep = False
        try:
            answer = worker.begin(message)
            budget = Budget(worker, answer, self._settings, deadline)
            reply = await answer
            finished = reply.outcome is not Outcome.TIME
            keep = finished and not reply.retire
            if reply.fault:
                raise RuntimeError(f"a comparison failed: {reply.fault}")
            return reply
        finally:
            if budget is not None:
                budget.stop()
            if not finished:
                self.kills += 1
                metrics.WORKERS_KILLED.inc()
            self._give_back(worker, keep)

    async def _take(self, deadline: float) -> Worker:
        if self._closed:
            raise WorkerCrashed("the pool is closed")
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Worker] = loop.create_future()
        self._waiting.append(waiter)
        self._serve()
        late = None if waiter.done() or deadline == math.inf else loop.call_at(deadline, _too_late, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give_back(waiter.result(), keep=True)  # it was handed over at the same moment
            raise
        finally:
            if late is not None:
                late.cancel()

    def _serve(self) -> None:
        """Hands ready workers to those who wait, the first first."""
        while self._waiting and self._ready and len(self._busy) < self._settings.workers:
            waiter = self._waiting.popleft()
            if not waiter.done():
                worker = self._ready.pop()
                self._busy.add(worker)
                waiter.set_result(worker)

    def _give_back(self, worker: Worker, keep: bool) -> None:
        self._busy.discard(worker)
        if keep and worker.alive and not self._closed:
            self._ready.append(worker)
        else:
            worker.kill()
            self._fill()
        self._serve()

    def _lost(self, worker: Worker) -> None:
        """A worker without a job has ended."""
        if worker in self._ready:
            self._ready.remove(worker)
        worker.kill()
        self._fill()

    async def _fork(self, template: Template) -> Worker:
        worker = Worker(await template.fork(), self._lost)
        metrics.WORKERS_STARTED.inc()
        return worker

    def _missing(self) -> bool:
        return len(self._ready) + len(self._busy) < self._settings.workers + SPARES

    def _fill(self) -> None:
        if not self._closed and (self._filling is None or self._filling.done()):
            self._filling = asyncio.ensure_future(self._fork_missing())

    async def _fork_missing(self) -> None:
        """Adds workers; starts the template again when it is gone."""
        while self._missing():
            try:
                if self._template is None:
                    self._template = await Template.start(self._settings.memory_bytes)
                self._ready.append(await self._fork(self._template))
                self._serve()
            except (OSError, TimeoutError) as error:
                _log.warning("math worker not started, trying again: %s", error)
                if self._template is not None:
                    # Its other workers are gone with it; whoever uses them finds out.
                    await self._template.end()
                    self._template = None
                await asyncio.sleep(RESTART_SECONDS)


def _too_late(waiter: "asyncio.Future[Worker]") -> None:
    if not waiter.done():
        waiter.set_exception(DeadlineExceeded("the deadline passed before a worker was free"))
