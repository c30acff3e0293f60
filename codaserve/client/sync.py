"""Clients for programs without an event loop; usable from several threads at once, and beside a running loop."""

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Generic, Self, cast

from codaserve.client.access import Access
from codaserve.client.aio import AsyncClient, AsyncCriticClient, AsyncScorerClient, OnFailure
from codaserve.client.background import background
from codaserve.client.dialect import Item, Result
from codaserve.client.outage import Outage
from codaserve.client.retry import RetryPolicy
from codaserve.v1 import critic_pb2, scorer_pb2

AHEAD = 256
"""Items that stream() reads ahead of the results that it gives."""


class SyncClient(Generic[Item, Result]):
    """What both sync clients do: hand the work to an asyncio client on a background thread."""

    _kind: type[AsyncClient[Item, Result]]

    def __init__(
        self,
        addresses: str | Sequence[str],
        *,
        timeout: float = 60.0,
        retry: RetryPolicy | None = None,
        on_failure: OnFailure = "return",
        on_outage: Callable[[Outage], None] | None = None,
        access: Access | None = None,
        max_in_flight: int | None = None,
    ) -> None:
        """As for the asyncio clients; `on_outage` is called on the background thread."""
        self._client = self._kind(
            addresses,
            timeout=timeout,
            retry=retry,
            on_failure=on_failure,
            on_outage=on_outage,
            access=access,
            max_in_flight=max_in_flight,
        )

    @property
    def retries(self) -> int:
        """How often an item was put back to be sent again, since the client was made."""
        return self._client.retries

    @property
    def hedges(self) -> int:
        """How many items were sent to a second address because the first was slow (`RetryPolicy.hedge_after`)."""
        return self._client.hedges

    def stream(self, items: Iterable[Item], *, timeout: float | None = None) -> Iterator[Result]:
        """Gives results as they finish, in any order; match them by id.

        Items are read in the calling thread, up to 256 ahead of the results.

        Raises:
            ScoringFailure: An item has no answer and `on_failure` is "raise".
        """
        source = iter(items)
        pipe: _Pipe[Item, Result] = _Pipe(self._client, timeout)
        try:
            reading = True
            inside = 0
            while reading or inside:
                while reading and inside < AHEAD:
                    try:
                        pipe.put(next(source))
                        inside += 1
                    except StopIteration:
                        pipe.finish()
                        reading = False
                if inside:
                    yield pipe.get()
                    inside -= 1
        finally:
            pipe.close()

    def close(self) -> None:
        """Ends every call under way. A closed client cannot be used again."""
        background().run(self._client.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ScorerClient(SyncClient[scorer_pb2.ScoreItem, scorer_pb2.ScoreResult]):
    """Client of one or several scorers."""

    _kind = AsyncScorerClient
    _client: AsyncScorerClient

    def score(
        self, items: Sequence[scorer_pb2.ScoreItem], *, timeout: float | None = None
    ) -> list[scorer_pb2.ScoreResult]:
        """Scores any number of items; results in their order. Ids need not be unique.

        Raises:
            ScoringFailure: Items have no verdict and `on_failure` is "raise".
        """
        return background().run(self._client.score(items, timeout=timeout))

    def info(self, *, timeout: float | None = None) -> scorer_pb2.ScorerInfo:
        """What the first scorer that answers says of itself; waited for up to `max_outage`.

        Raises:
            ServiceError: None answered.
        """
        return background().run(self._client.info(timeout=timeout))


class CriticClient(SyncClient[critic_pb2.StateGroup, critic_pb2.GroupEvaluation]):
    """Client of one or several critics."""

    _kind = AsyncCriticClient
    _client: AsyncCriticClient

    def evaluate(
        self, groups: Sequence[critic_pb2.StateGroup], *, timeout: float | None = None
    ) -> list[critic_pb2.GroupEvaluation]:
        """Values any number of groups; evaluations in their order. Ids need not be unique.

        Raises:
            ScoringFailure: Groups have no values and `on_failure` is "raise".
        """
        return background().run(self._client.evaluate(groups, timeout=timeout))

    def info(self, *, timeout: float | None = None) -> critic_pb2.CriticInfo:
        """What the first critic that answers says of itself; waited for up to `max_outage`.

        Raises:
            ServiceError: None answered.
        """
        return background().run(self._client.info(timeout=timeout))

    def reload(self, path: str = "", *, timeout: float | None = None) -> list[critic_pb2.ReloadResponse]:
        """Makes every critic load a checkpoint; one response for each address, in order. Not tried again.

        Raises:
            ServiceError: A critic could not load it and goes on with what it had.
        """
        return background().run(self._client.reload(path, timeout=timeout))


class _Pipe(Generic[Item, Result]):
    """Carries items of the calling thread to the background loop, and results back."""

    _END: Any = object()

    def __init__(self, client: AsyncClient[Item, Result], timeout: float | None) -> None:
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self._results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._loop = background().loop
        self._future = asyncio.run_coroutine_threadsafe(self._carry(client, timeout), self._loop)

    def put(self, item: Item) -> None:
        self._loop.call_soon_threadsafe(self._items.put_nowait, item)

    def finish(self) -> None:
        self.put(self._END)

    def get(self) -> Result:
        result = self._results.get()
        if isinstance(result, BaseException):
            raise result
        return cast(Result, result)

    def close(self) -> None:
        self._future.cancel()

    async def _carry(self, client: AsyncClient[Item, Result], timeout: float | None) -> None:
        try:
            async with aclosing(client.stream(self._read(), timeout=timeout)) as results:
                async for result in results:
                    self._results.put(result)
        except BaseException as error:
            self._results.put(error)
            raise

    async def _read(self) -> AsyncIterator[Item]:
        while (item := await self._items.get()) is not self._END:
            yield item
