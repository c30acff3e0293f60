"""One bidirectional stream: items in, results out as they finish."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress

from codaserve.serving.access.client import ANYBODY, Client
from codaserve.serving.refusal import Refused, Why
from codaserve.v1 import scorer_pb2 as pb
from scorer import metrics, results
from scorer.engine import Engine, group_key, result_of
from scorer.errors import DeadlineExceeded
from scorer.math.line import ScoreJob

MAX_IDS = 2**20
"""Ids of a stream that are remembered to find duplicates; of longer streams the last so many."""


class Stream:
    """The state of one stream. Reads an item only while fewer than `window` are unanswered: a client that does not
    read its results is not read either."""

    def __init__(self, engine: Engine, window: int, deadline: float, client: Client = ANYBODY) -> None:
        self._engine = engine
        self._client = client
        self._deadline = deadline
        self._window = asyncio.Semaphore(window)
        self._results: asyncio.Queue[pb.ScoreResult | None] = asyncio.Queue()  # bounded by the window
        self._jobs: set[ScoreJob] = set()
        self._ids: dict[str, None] = {}
        self._read_whole = False
        self._cut_off = False

    async def answer(self, items: AsyncIterable[pb.ScoreItem]) -> AsyncIterator[pb.ScoreResult]:
        """Yields a result for every item until all are answered. Past the deadline what is left has missed it.

        Cancelling, or not reading to the end, cancels the work of the items that are not done.

        Raises:
            DeadlineExceeded: The deadline passed before the client's last item was read; those read are answered.
            Exception: Whatever reading items raises.
        """
        reading = asyncio.ensure_future(self._read(items))
        reading.add_done_callback(self._stop_if_failed)
        late = asyncio.get_running_loop().call_at(self._deadline, self._give_up, reading)
        try:
            while (result := await self._results.get()) is not None:
                yield result
                self._window.release()
            if self._cut_off:
                raise DeadlineExceeded("the deadline passed before all items were read")
        finally:
            late.cancel()
            reading.cancel()
            for job in list(self._jobs):
                self._engine.cancel(job)
            with suppress(asyncio.CancelledError):
                await reading

    def _stop_if_failed(self, reading: "asyncio.Future[None]") -> None:
        """What cannot be read ends the stream, not its deadline."""
        if not reading.cancelled() and reading.exception() is not None:
            self._results.put_nowait(None)

    async def _read(self, items: AsyncIterable[pb.ScoreItem]) -> None:
        iterator = aiter(items)
        while True:
            await self._window.acquire()
            try:
                item = await anext(iterator)
            except StopAsyncIteration:
                self._read_whole = True
                break
            refusal = self._repeated(item) or self._start(item)
            if refusal is not None:
                self._results.put_nowait(refusal)
        self._window.release()
        await self._all_answered()

    def _repeated(self, item: pb.ScoreItem) -> pb.ScoreResult | None:
        if item.id in self._ids:
            metrics.REFUSED.labels("invalid").inc()
            return results.invalid(item.id, "id", "the id was used before in this stream; give every item its own")
        self._ids[item.id] = None
        if len(self._ids) > MAX_IDS:
            del self._ids[next(iter(self._ids))]
        return None

    def _start(self, item: pb.ScoreItem) -> pb.ScoreResult | None:
        """Has an item worked on, or says why not."""
        seconds = self._deadline - asyncio.get_running_loop().time()
        try:
            (claim,) = self._engine.admit(self._client, [item.ByteSize()], seconds=seconds, code=item.HasField("code"))
        except Refused as refused:
            if refused.why is Why.STOPPING:
                return results.shutting_down(item.id)
            return results.overloaded(item.id, refused.message, refused.retry_after_ms or 0)
        job = self._engine.submit(item, group_key(self, item), self._deadline, claim, self._client)
        self._jobs.add(job)
        job.future.add_done_callback(lambda _: self._finished(job))
        return None

    def _finished(self, job: ScoreJob) -> None:
        if job in self._jobs:
            self._jobs.discard(job)
            self._results.put_nowait(result_of(job))

    async def _all_answered(self) -> None:
        while self._jobs:
            await asyncio.wait([job.future for job in self._jobs])
            await asyncio.sleep(0)  # lets the callbacks of the last ones run
        self._results.put_nowait(None)

    def _give_up(self, reading: "asyncio.Task[None]") -> None:
        """At the deadline: answers what is left, and reads no more."""
        self._cut_off = not self._read_whole
        reading.cancel()
        for job in list(self._jobs):
            self._engine.cancel(job)
            self._finished(job)
        self._results.put_nowait(None)
