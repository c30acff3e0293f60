"""Forward passes shared by concurrent requests: the asyncio side of `critic.plan`."""

import asyncio
import logging
import math
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress

from critic import metrics
from critic.encode import EncodedSequence
from critic.engine.base import Engine
from critic.pace import Pace
from critic.plan import Item, PassPlanner
from critic.tree import Tree, grow, plant

_log = logging.getLogger(__name__)

Keep = Callable[[], AbstractContextManager[object]]
"""Keeps what an engine needs for a block."""


class EngineError(Exception):
    """The engine could not evaluate a sequence."""


class TooLateError(Exception):
    """The deadline has come too near for even the quickest passes of late."""


class _Job(Hashable):
    """The trees of one request, until all of them have values."""

    __hash__ = object.__hash__

    def __init__(
        self, engine: Engine, keep: "Keep", trees: Sequence[Tree], deadline: float, enter: Callable[[str], None]
    ) -> None:
        self.engine = engine
        self.keep = keep
        self.trees = trees
        self.deadline = deadline
        self.enter = enter
        self.values: dict[int, list[list[float]]] = {}
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Batcher:
    """Runs engines on one thread of its own, pass by pass. To be used from one event loop."""

    def __init__(self, max_tokens_per_pass: int, max_wait: float) -> None:
        """Args:
        max_tokens_per_pass: Tokens of one forward pass.
        max_wait: How long a request waits for company when the model is idle, seconds.
        """
        self._max_tokens = max_tokens_per_pass
        self._planner: PassPlanner[_Job] = PassPlanner(max_tokens_per_pass, max_wait)
        self._pace = Pace(max_tokens_per_pass)
        self._paced = 0  # the engine's id, as an item has it: an engine is not kept for this
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

    def expected_wait(self, client: Hashable = None) -> float:
        """Seconds until what a client asks for now would begin, by the passes of late; 0 as long as they are few."""
        return self._pace.expected(self._planner.tokens_before(client))

    async def values(
        self,
        engine: Engine,
        sequences: Sequence[EncodedSequence],
        keep: Keep = nullcontext,
        *,
        client: Hashable = None,
        deadline: float = math.inf,
        enter: Callable[[str], None] = lambda phase: None,
    ) -> list[list[float]]:
        """V at each boundary of each sequence. What they have in common, and equal ones, are computed once.

        A caller that is cancelled takes its sequences out of the queue; those in a running pass finish unheard.

        Args:
            engine: What computes them.
            sequences: At least one.
            keep: Entered for each pass with some of them, which may outlast a caller that is cancelled.
            client: Whose they are. Clients take turns.
            deadline: When they are due, in the loop's seconds. Who calls stops waiting then.
            enter: Told what becomes of them: "wait" for a pass, "model" in one.

        Raises:
            EngineError: The engine failed on one of them, also when it was tried alone.
            TooLateError: While others wait as well, they cannot be done in time any more.
        """
        distinct = list(dict.fromkeys(sequences))
        chosen = grow(distinct, self._max_tokens)
        job = _Job(engine, keep, [plant([distinct[i] for i in tree]) for tree in chosen], deadline, enter)
        items = [Item(job, index, tree.tokens, id(engine)) for index, tree in enumerate(job.trees)]
        enter("wait")
        self._planner.add(job, items, asyncio.get_running_loop().time(), client=client, due=deadline)
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
                chosen = self._planner.take(self._too_late)
                for job in chosen.given_up:
                    _end(job, TooLateError("the deadline has come too near for the values to be known in time"))
                await self._pass(chosen.items)

    def _too_late(self, job: _Job, tokens: int) -> bool:
        return asyncio.get_running_loop().time() + self._pace.least(tokens) > job.deadline

    async def _pass(self, items: list[Item[_Job]]) -> None:
        loop = asyncio.get_running_loop()
        engine, keep = items[0].owner.engine, items[0].owner.keep
        trees = [item.owner.trees[item.index] for item in items]
        tokens = sum(item.tokens for item in items)
        metrics.PASS_TOKENS.observe(tokens)
        jobs = dict.fromkeys(item.owner for item in items)
        for job in jobs:
            job.enter("model")
        begun = loop.time()
        with keep(), metrics.PASS_SECONDS.time():
            results = await loop.run_in_executor(self._thread, _compute, engine, trees)
        if items[0].checkpoint != self._paced:
            self._paced, self._pace = id(engine), Pace(self._max_tokens)
        self._pace.ran(tokens, loop.time() - begun)
        for job in jobs:
            job.enter("wait")
        for item, result in zip(items, results, strict=True):
            job = item.owner
            if isinstance(result, EngineError):
                _end(job, result)
                continue
            job.values[item.index] = result
            if len(job.values) == len(job.trees) and not job.done.done():
                job.done.set_result(None)


def _end(job: _Job, error: Exception) -> None:
    if not job.done.done():  # else cancelled, or failed by another of its sequences
        job.done.set_exception(error)


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
