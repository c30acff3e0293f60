"""Clients for asyncio programs."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Generic, Literal, Self

from codaserve.client.access import Access
from codaserve.client.dialect import CRITIC, SCORER, Dialect, Item, Result
from codaserve.client.engine import Engine
from codaserve.client.errors import ScoringFailure
from codaserve.client.outage import Outage
from codaserve.client.retry import RetryPolicy
from codaserve.v1 import critic_pb2, scorer_pb2

OnFailure = Literal["return", "raise"]


class AsyncClient(Generic[Item, Result]):
    """What both asyncio clients do. Belongs to the event loop and the process in which it is first used."""

    _dialect: Dialect[Item, Result]

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
        """Connects to nothing yet.

        Args:
            addresses: `host:port` of one service or several, which share the work. A DNS name stands for all its
                IP addresses, and is looked up again every ten seconds while items are under way, and when one fails.
            timeout: Seconds that a service may take for what it was sent, its queue included; the service stops
                working on it then. Waiting for a service that is away or full comes on top, up to `retry.max_outage`.
            retry: When to try again; default `RetryPolicy()`.
            on_failure: Whether an item without an answer is returned as a result that holds a failure, or raised as
                ScoringFailure.
            on_outage: Called when no address can be reached, and again when one can. Must not block.
            access: Token and certificates for servers that ask for them; default `Access()`.
            max_in_flight: Items that are sent and unanswered at one time, at all addresses together; at least 1.
                Default: what the servers' limits allow.

        Raises:
            ValueError: No address, an empty or repeated one, or a value out of bounds.
        """
        names = [addresses] if isinstance(addresses, str) else list(addresses)
        if not names or not all(names):
            raise ValueError("addresses: give at least one host:port, none of them empty")
        if len(set(names)) < len(names):
            raise ValueError(f"addresses: {names} names one address twice")
        if on_failure not in ("return", "raise"):
            raise ValueError(f"on_failure is {on_failure!r}; it must be 'return' or 'raise'")
        if not timeout > 0:
            raise ValueError(f"timeout is {timeout}; it must be above 0 seconds")
        if max_in_flight is not None and max_in_flight < 1:
            raise ValueError(f"max_in_flight is {max_in_flight}; it must be at least 1, or None")
        self._on_failure = on_failure
        self._engine = Engine(
            self._dialect, names, timeout, retry or RetryPolicy(), on_outage, access or Access(), max_in_flight
        )

    @property
    def retries(self) -> int:
        """How often an item was put back to be sent again, since the client was made."""
        return self._engine.retries

    @property
    def hedges(self) -> int:
        """How many items were sent to a second address because the first was slow (`RetryPolicy.hedge_after`)."""
        return self._engine.hedges

    async def stream(
        self, items: Iterable[Item] | AsyncIterable[Item], *, timeout: float | None = None
    ) -> AsyncGenerator[Result, None]:
        """Gives results as they finish, in any order; match them by id.

        Items are read as there is room for them, at most 1024 ahead of the results; a plain iterable is read in the
        event loop and must not block. Close the generator (`contextlib.aclosing`) when leaving it early.

        Raises:
            ScoringFailure: An item has no answer and `on_failure` is "raise".
        """
        async with aclosing(self._engine.run(_read(items), timeout, together=False)) as pairs:
            async for _, result in pairs:
                if self._on_failure == "raise" and _is_failure(result):
                    raise ScoringFailure([result], [result])
                yield result

    async def close(self) -> None:
        """Ends every call under way. A closed client cannot be used again."""
        await self._engine.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _all(self, items: Sequence[Item], timeout: float | None) -> list[Result]:
        results: dict[int, Result] = {}
        async with aclosing(self._engine.run(_read(items), timeout, together=True)) as pairs:
            async for index, result in pairs:
                results[index] = result
        ordered = [results[index] for index in range(len(items))]
        failed = [result for result in ordered if _is_failure(result)]
        if failed and self._on_failure == "raise":
            raise ScoringFailure(failed, ordered)
        return ordered


class AsyncScorerClient(AsyncClient[scorer_pb2.ScoreItem, scorer_pb2.ScoreResult]):
    """Client of one or several scorers."""

    _dialect = SCORER

    async def score(
        self, items: Sequence[scorer_pb2.ScoreItem], *, timeout: float | None = None
    ) -> list[scorer_pb2.ScoreResult]:
        """Scores any number of items; results in their order. Ids need not be unique.

        Raises:
            ScoringFailure: Items have no verdict and `on_failure` is "raise".
        """
        return await self._all(items, timeout)

    async def info(self, *, timeout: float | None = None) -> scorer_pb2.ScorerInfo:
        """What the first scorer that answers says of itself; waited for up to `max_outage`.

        Raises:
            ServiceError: None answered.
        """
        answer: scorer_pb2.ScorerInfo = await self._engine.ask("Info", scorer_pb2.ScorerInfoRequest(), timeout)
        return answer


class AsyncCriticClient(AsyncClient[critic_pb2.StateGroup, critic_pb2.GroupEvaluation]):
    """Client of one or several critics."""

    _dialect = CRITIC

    async def evaluate(
        self, groups: Sequence[critic_pb2.StateGroup], *, timeout: float | None = None
    ) -> list[critic_pb2.GroupEvaluation]:
        """Values any number of groups; evaluations in their order. Ids need not be unique.

        Raises:
            ScoringFailure: Groups have no values and `on_failure` is "raise".
        """
        return await self._all(groups, timeout)

    async def info(self, *, timeout: float | None = None) -> critic_pb2.CriticInfo:
        """What the first critic that answers says of itself; waited for up to `max_outage`.

        Raises:
            ServiceError: None answered.
        """
        answer: critic_pb2.CriticInfo = await self._engine.ask("Info", critic_pb2.CriticInfoRequest(), timeout)
        return answer

    async def reload(self, path: str = "", *, timeout: float | None = None) -> list[critic_pb2.ReloadResponse]:
        """Makes every critic load a checkpoint; one response for each address, in order. Not tried again.

        Args:
            path: Folder as the critics see it; empty reads the one in use again.
            timeout: Seconds for the loading.

        Raises:
            ServiceError: A critic could not load it and goes on with what it had; the others were asked all the same.
        """
        return await self._engine.ask_each("Reload", critic_pb2.ReloadRequest(path=path), timeout)


def _is_failure(result: object) -> bool:
    return result.HasField("failure")  # type: ignore[attr-defined, no-any-return]


async def _read(items: Iterable[Item] | AsyncIterable[Item]) -> AsyncIterator[Item]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
