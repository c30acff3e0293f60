"""Forward passes shared by concurrent requests: the asyncio side of `critic.plan`."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress

from critic import metrics
from critic.encode import EncodedSequence
from critic.engine.base import Engine
from critic.plan import Item, PassPlanner
from critic.tree import Tree, grow, plant

_log = logging.getLogger(__name__)


Keep = Callable[[], AbstractContextManager[object]]
"""Keeps what an engine needs for a block."""


class EngineError(Exception):
    """The engine could not evaluate a sequence."""


class _Job(Hashable):
    """The trees of one request, until all of them have values."""

    __hash__ = object.__hash__

    def __init__(self, engine: Engine, keep: "Keep", trees: Sequence[Tree], done: "asyncio.Future[None]") -> None:
        self.engine = engine
        self.keep = keep
        self.trees = trees
        self.values: dict[int, list[list[float]]] = {}
        self.done = done


class Batcher:
    """Runs engines on one thread of its own, pass by pass. To be used from one event loop."""

    def __init__(self, max_tokens_per_pass: int, max_wait: float) -> None:
        """Args:
        max_tokens_per_pass: Tokens of one forward pass.
        max_wait: How long a request waits for company when the model is idle, seconds.
        """
        self._max_tokens = max_tokens_per_pass
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

    async def values(
        self, engine: Engine, sequences: Sequence[EncodedSequence], keep: Keep = nullcontext
    ) -> list[list[float]]:
        """V at each boundary of each sequence. What they have in common, and equal ones, are computed once.

        A caller that is cancelled takes its sequences out of the queue; those in a running pass finish unheard.

        Args:
            engine: What computes them.
            sequences: At least one.
            keep: Entered for each pass with some of them, which may outlast a caller that is cancelled.

        Raises:
            EngineError: The engine failed on one of them, also when it was tried alone.
        """
        loop = asyncio.get_running_loop()
        distinct = list(dict.fromkeys(sequences))
        chosen = grow(distinct, self._max_tokens)
        job = _Job(engine, keep, [plant([distinct[i] for i in tree]) for tree in chosen], loop.create_future())
        items = [Item(job, index, tree.tokens, id(engine)) for index, tree in enumerate(job.trees)]
        self._planner.add(job, items, loop.time())
        self._news.set()
        try:
            await job.done
        finally:
            self._planner.drop(job)
        rows = {distinct[i]: row for n, tree in enumerate(chosen) for i, row in zip(tree, job.values[n], strict=True)}
        return [rows[sequence] for sequence in sequences]

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
        trees = [item.owner.trees[item.index] for item in items]
        metrics.PASS_TOKENS.observe(sum(item.tokens for item in items))
        with items[0].owner.keep(), metrics.PASS_SECONDS.time():
            results = await loop.run_in_executor(self._thread, _compute, items[0].owner.engine, trees)
        for item, result in zip(items, results, strict=True):
            job = item.owner
            if job.done.done():
                continue  # cancelled, or failed by another of its sequences
            if isinstance(result, EngineError):
                job.done.set_exception(result)
                continue
            job.values[item.index] = result
            if len(job.values) == len(job.trees):
                job.done.set_result(None)


def _compute(engine: Engine, trees: list[Tree]) -> list[list[list[float]] | EngineError]:
    try:
        values = engine.values(trees)
        if [len(rows) for rows in values] != [len(tree.sequences) for tree in trees]:
            raise RuntimeError("the engine gave values for other sequences than it was given")
        return list(values)
    except Exception as error:  # noqa: BLE001, whatever it is, the requests of this pass must get an answer
        _log.exception("a forward pass over %d trees failed", len(trees))
        if len(trees) == 1:
            return [EngineError(f"{type(error).__name__}: {error}")]
    # One request must not fail by another's fault, nor by the memory that all of them took together.
    return [result for tree in trees for result in _compute(engine, [tree])]
