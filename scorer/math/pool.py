"""Symbolic comparisons in worker processes that are killed when over their time, and replaced."""

import asyncio
import enum
import json
import logging
import os
import signal
from contextlib import suppress
from dataclasses import dataclass

from scorer.math.settings import MathSettings
from scorer.math.template import Process, Template

JOBS_PER_WORKER = 2000
"""After so many jobs a worker is replaced: what libraries keep between jobs stays bounded."""
RESTART_SECONDS = 1.0
"""Pause between attempts to start a template that does not start."""

_log = logging.getLogger(__name__)


class Outcome(enum.Enum):
    """What became of a comparison."""

    EQUAL = "equal"
    DIFFERENT = "different"
    TIME = "time"
    MEMORY = "memory"
    DEPTH = "depth"


@dataclass(frozen=True)
class Comparison:
    """A comparison that came to an end."""

    outcome: Outcome
    seconds: float
    """Elapsed time since the worker had the job."""


class WorkerCrashed(Exception):  # noqa: N818
    """A worker ended in the middle of a job, killed by nobody here."""


class _Worker:
    def __init__(self, process: Process) -> None:
        self.process = process
        self.jobs = 0

    def kill(self) -> None:
        """Kills the process, whatever it is doing. The kernel reaps it (see scorer.math.worker)."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process.handle, signal.SIGKILL)
        os.close(self.process.handle)
        self.process.jobs.close()


class WorkerPool:
    """A fixed number of workers, each with at most one job."""

    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._busy: set[_Worker] = set()
        self._replacing: set[asyncio.Task[None]] = set()
        self._forking = asyncio.Lock()
        self._template: Template | None = None
        self.kills = 0
        """Workers that were killed in the middle of a job so far."""

    async def start(self) -> None:
        """Starts the workers.

        Raises:
            OSError: They cannot be started.
        """
        self._template = await Template.start(self._settings.memory_bytes)
        for _ in range(self._settings.workers):
            self._idle.put_nowait(_Worker(await self._template.fork()))

    async def close(self) -> None:
        """Kills the workers and ends their template; returns when it is reaped."""
        for task in list(self._replacing):
            task.cancel()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        while not self._idle.empty():
            self._idle.get_nowait().kill()
        for worker in list(self._busy):
            worker.kill()
        self._busy.clear()
        if self._template is not None:
            await self._template.end()
            self._template = None

    async def compare(self, gold: str, answer: str, seconds: float) -> Comparison:
        """Compares two normalised texts; waits for a worker first, without a limit of its own.

        Args:
            gold: The gold answer.
            answer: The answer.
            seconds: Elapsed time that the comparison may take once a worker has it.

        Cancelling kills the worker.

        Raises:
            WorkerCrashed: Two workers ended in the middle of the job, one after the other.
        """
        try:
            return await self._compare_once(gold, answer, seconds)
        except WorkerCrashed as error:
            _log.warning("a math worker crashed, trying once more: %s", error)
            return await self._compare_once(gold, answer, seconds)

    async def _compare_once(self, gold: str, answer: str, seconds: float) -> Comparison:
        worker = await self._idle.get()
        self._busy.add(worker)
        started = asyncio.get_running_loop().time()
        keep = done = False
        try:
            try:
                async with asyncio.timeout(seconds):
                    reply = await self._ask(worker, {"gold": gold, "answer": answer})
                outcome = Outcome(reply["outcome"])
                worker.jobs += 1
                keep = not reply["retire"] and worker.jobs < JOBS_PER_WORKER
            except TimeoutError:
                outcome = Outcome.TIME
            except (OSError, EOFError, ValueError, KeyError) as error:
                raise WorkerCrashed(str(error) or type(error).__name__) from error
            done = outcome is not Outcome.TIME
            return Comparison(outcome, asyncio.get_running_loop().time() - started)
        finally:
            self.kills += not done
            if worker in self._busy:
                self._busy.remove(worker)
                self._give_back(worker, keep)

    async def _ask(self, worker: _Worker, job: dict[str, str]) -> dict[str, object]:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(worker.process.jobs, json.dumps(job, ensure_ascii=False).encode())
        message = await loop.sock_recv(worker.process.jobs, 4096)
        if not message:
            raise EOFError("the worker is gone")
        reply: dict[str, object] = json.loads(message)
        return reply

    def _give_back(self, worker: _Worker, keep: bool) -> None:
        if keep:
            self._idle.put_nowait(worker)
            return
        worker.kill()
        task = asyncio.ensure_future(self._replace())
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace(self) -> None:
        """Adds one worker; starts the template again when it is gone."""
        while True:
            async with self._forking:
                try:
                    if self._template is None:
                        self._template = await Template.start(self._settings.memory_bytes)
                    self._idle.put_nowait(_Worker(await self._template.fork()))
                    return
                except (OSError, TimeoutError) as error:
                    _log.warning("math worker not started, trying again: %s", error)
                    if self._template is not None:
                        # Its other workers are gone with it; their next jobs find out and replace them.
                        await self._template.end()
                        self._template = None
            await asyncio.sleep(RESTART_SECONDS)
