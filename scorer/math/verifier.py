"""Verdicts about mathematical answers."""

import asyncio
import time
from dataclasses import dataclass, replace

from codaserve.v1 import scorer_pb2 as pb
from scorer.math import verdicts
from scorer.math.cache import Cache
from scorer.math.extraction.extract import Extraction, extract, given
from scorer.math.judgement import Options
from scorer.math.process.pool import WorkerPool
from scorer.math.process.wire import Step
from scorer.math.settings import MathSettings
from scorer.math.settle import Open, settle
from scorer.math.validate import check_golds, check_task, read_options
from scorer.math.version import VERSION

EXTRACTED_CHARS = 4096
"""Characters of the extracted answer that a verdict quotes."""
QUICK_CHARS = 1 << 13
"""A longer response is searched in a thread, so that the service keeps answering meanwhile."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for the answer gave."""

    extraction: Extraction | None
    seconds: float
    """Spent on it."""


@dataclass(frozen=True, slots=True)
class Question:
    """An item whose answer a worker has to compare."""

    open: Open
    extraction: Extraction
    seconds: float
    """Spent on it so far."""


class MathVerifier:
    """Compares answers with gold answers; owns the worker processes and the verdicts that are kept.

    The steps are apart so that the engine can do the first, `begin`, at once, and share the second, `compare`.
    """

    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings
        self._pool = WorkerPool(settings)
        self._cache = Cache(settings.cache_bytes)

    async def start(self) -> None:
        """Starts the workers.

        Raises:
            OSError: They cannot be started.
        """
        await self._pool.start()

    async def close(self) -> None:
        """Ends the workers, whatever they are doing."""
        await self._pool.close()

    @property
    def is_warm(self) -> bool:
        """Whether there are workers."""
        return self._pool.is_warm

    @property
    def isolation(self) -> list[pb.IsolationLayer]:
        """The walls around the workers; known after `start`."""
        return [
            pb.IsolationLayer(name=layer.name, active=layer.active, detail=layer.detail) for layer in self._pool.layers
        ]

    async def verify(self, task: pb.MathTask, *, deadline: float) -> pb.Verdict:
        """The verdict about one answer. Cancelling ends the work.

        Args:
            task: Gold answers and the response or the answer.
            deadline: When the verdict must be there, in seconds of the running loop's `time()`.

        Raises:
            TaskError: The task is malformed.
            DeadlineExceeded: The deadline passed first.
            MachineLoaded: The machine did not give the comparison its processor time.
            WorkerCrashed: The comparison crashed two workers.
        """
        found = find(task) if is_quick(task) else await asyncio.to_thread(find, task)
        begun = self.begin(task, found)
        if isinstance(begun, pb.Verdict):
            return begun
        return finished(await self.compare(begun.open, deadline), begun)

    def begin(self, task: pb.MathTask, found: Found) -> pb.Verdict | Question:
        """Decides what can be decided in microseconds.

        Args:
            task: The whole task.
            found: What `find` made of it.

        Raises:
            TaskError: The task is malformed.
        """
        started = time.monotonic()
        check_task(task, self._settings.max_golds)
        options = read_options(task)
        check_golds(task, options)
        outcome = self._settle(list(task.gold), found.extraction, options)
        seconds = found.seconds + time.monotonic() - started
        if isinstance(outcome, Open):
            assert found.extraction is not None  # nothing is compared with no answer
            return Question(outcome, found.extraction, seconds)
        return _completed(outcome, found.extraction, seconds)

    async def compare(self, question: Open, deadline: float) -> pb.Verdict:
        """What a worker says; see `verify` for what is raised. To be given to `finished` for each item."""
        verdict, _ = await self.trace(question, deadline, traced=False)
        return verdict

    async def trace(
        self, question: Open, deadline: float, *, traced: bool = True
    ) -> tuple[pb.Verdict, tuple[Step, ...]]:
        """The same with the steps that led there."""
        started = time.monotonic()
        reply = await self._pool.compare(replace(question.job, traced=traced), deadline)
        gold = question.golds[reply.gold] if 0 <= reply.gold < len(question.golds) else 0
        verdict = verdicts.of_reply(reply, gold, self._settings.memory_bytes)
        self._cache.put(question.key, verdict)
        verdict.wall_seconds = time.monotonic() - started
        return verdict, tuple(replace(step, gold=question.golds[step.gold]) for step in reply.steps)

    def _settle(self, golds: list[str], extraction: Extraction | None, options: Options) -> pb.Verdict | Open:
        if extraction is None:
            return verdicts.wrong(pb.REASON_NO_ANSWER, "No answer was found in the response.")
        outcome = settle(golds, extraction.answer, options, self._settings.max_answer_chars)
        if isinstance(outcome, Open):
            return self._cache.get(outcome.key) or outcome
        return outcome


def is_quick(task: pb.MathTask) -> bool:
    """Whether `find` takes so little time that it may hold others up."""
    return len(task.response) <= QUICK_CHARS


def find(task: pb.MathTask) -> Found:
    """Looks for the answer of a task."""
    started = time.monotonic()
    by_response = task.WhichOneof("submission") == "response"
    extraction = extract(task.response) if by_response else given(task.answer)
    return Found(extraction, time.monotonic() - started)


def finished(compared: pb.Verdict, question: Question, *, shared: bool = False) -> pb.Verdict:
    """The verdict about an item of what was compared for it, or for another item with the same comparison."""
    verdict = pb.Verdict()
    verdict.CopyFrom(compared)
    seconds = question.seconds + (0.0 if shared else compared.wall_seconds)
    verdict.cached = shared
    return _completed(verdict, question.extraction, seconds)


def _completed(verdict: pb.Verdict, extraction: Extraction | None, seconds: float) -> pb.Verdict:
    if extraction is not None:
        verdict.extracted = extraction.answer[:EXTRACTED_CHARS]
        verdict.extraction_rule = extraction.rule
    verdict.wall_seconds = seconds
    verdict.verifier_version = VERSION
    return verdict
