"""Forward passes shared by concurrent requests: the asyncio side of `critic.plan`."""

import asyncio
import logging
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from critic.encode import EncodedSequence
from critic.engine.base import Engine
from critic.plan import Item, PassPlanner

_log = logging.getLogger(__name__)


class EngineError(Exception):
    """The engine could not evaluate a sequence."""


class _Job(Hashable):
    """The sequences of one request, until all of them have values."""

    __hash__ = object.__hash__

    def __init__(self, engine: Engine, sequences: Sequence[EncodedSequence], done: "asyncio.Future[None]") -> None:
        self.engine = engine
        self.sequences = sequences
        self.values: dict[int, list[float]] = {}
        self.done = done


class Batcher:
    """Runs engines on one thread of its own, pass by pass. To be used from one event loop."""

    def __init__(self, max_tokens_per_pass: int, max_wait: float) -> None:
        """Args:
        max_tokens_per_pass: Padded tokens of one forward pass.
        max_wait: How long a request waits for company when the model is idle, seconds.
        """
        self._planner: PassPlanner[_Job] = PassPlanner(max_tokens_per_pass, max_wait)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="critic-model")
        self._news = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to work. Needs a running loop."""
        self._runner = asyncio.create_task(self._run(), name="critic-batcher")

    async def close(self) -> None:
        """Stops after the pass that is running. Requests that still wait are never answered: drain first."""
        if self._runner is not None:
            self._runner.cancel()
            with suppress(asyncio.CancelledError):
                await self._runner
        await asyncio.to_thread(self._thread.shutdown)

    async def values(self, engine: Engine, sequences: Sequence[EncodedSequence]) -> list[list[float]]:
        """As `Engine.values`, any number of sequences. Equal ones are computed once.

        A caller that is cancelled takes its sequences out of the queue; those in a running pass finish unheard.

        Raises:
            EngineError: The engine failed on one of them, also when it was tried alone.
        """
        loop = asyncio.get_running_loop()
        distinct = {sequence: index for index, sequence in enumerate(dict.fromkeys(sequences))}
        job = _Job(engine, list(distinct), loop.create_future())
        items = [Item(job, index, len(sequence.tokens), id(engine)) for sequence, index in distinct.items()]
        self._planner.add(items, loop.time())
        self._news.set()
        try:
            await job.done
        finally:
            self._planner.drop(items)
        return [job.values[distinct[sequence]] for sequence in sequences]

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            due = self._planner.due()
            if due is None:
                await self._news.wait()
            elif due > loop.time():
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await self._news.wait()
            else:
                await self._pass(self._planner.take())

    async def _pass(self, items: list[Item[_Job]]) -> None:
        loop = asyncio.get_running_loop()
        sequences = [item.owner.sequences[item.index] for item in items]
        results = await loop.run_in_executor(self._thread, _compute, items[0].owner.engine, sequences)
        for item, result in zip(items, results, strict=True):
            job = item.owner
            if job.done.done():
                continue  # cancelled, or failed by another of its sequences
            if isinstance(result, EngineError):
                job.done.set_exception(result)
                continue
            job.values[item.index] = result
            if len(job.values) == len(job.sequences):
                job.done.set_result(None)


def _compute(engine: Engine, sequences: list[EncodedSequence]) -> list[list[float] | EngineError]:
    try:
        return list(engine.values(sequences))
    except Exception as error:  # noqa: BLE001, whatever it is, the requests of this pass must get an answer
        _log.exception("a forward pass over %d sequences failed", len(sequences))
        if len(sequences) == 1:
            return [EngineError(f"{type(error).__name__}: {error}")]
    # One request must not fail by another's fault, nor by the memory that all of them took together.
    return [result for sequence in sequences for result in _compute(engine, [sequence])]
