"""One score() or stream(): sends items, sorts what comes back into results and retries.

One task decides and starts calls, so that no state needs a lock; each call is a task of its own with a deadline. An
item is in one place at a time: unread, waiting, delayed, in a call, or done.
"""

import asyncio
import heapq
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic

import grpc

from codaserve.client.dialect import Code, Item, Limits, Result
from codaserve.client.link import FRAME_BYTES, fit_together

if TYPE_CHECKING:
    from codaserve.client.engine import Engine

AHEAD = 1024
"""Items read and not yet handed out: bounds memory, and is more than several servers' windows."""
FAULTS = 3
"""Tries of an item that a service calls faulty in itself: a fault that repeats is not a passing one."""


class _Entry(Generic[Item]):
    """One item on its way."""

    __slots__ = ("alone", "avoid", "faults", "id", "index", "item", "places", "quick", "refused_since")

    def __init__(self, index: int, item: Item, *, quick: bool) -> None:
        self.index = index
        self.id: str = item.id  # type: ignore[attr-defined]
        self.item = item
        self.faults = 0
        self.refused_since: float | None = None
        self.avoid: str | None = None
        self.alone = False
        self.quick = quick
        self.places = 1  # of the window that it is sent in

    def __lt__(self, other: "_Entry[Item]") -> bool:
        return self.index < other.index


class Run(Generic[Item, Result]):
    """Sends the items of one call of the user."""

    def __init__(
        self, engine: "Engine[Item, Result]", items: AsyncIterator[Item], timeout: float, *, together: bool
    ) -> None:
        """`timeout` bounds each call to a service, seconds; `together`: results need not come one by one."""
        self._engine = engine
        self._items = items
        self._timeout = timeout
        self._together = together
        self._waiting: deque[_Entry[Item]] = deque()
        self._delayed: list[tuple[float, _Entry[Item]]] = []
        self._done: deque[tuple[int, Result]] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._refused = False
        self._fatal: BaseException | None = None
        self._room = asyncio.Semaphore(AHEAD)
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Something changed that may let items go on."""
        self._event.set()

    async def results(self) -> AsyncGenerator[tuple[int, Result], None]:
        """Index and result of each item, as they finish; raises what the source of the items raises."""
        feeder = asyncio.create_task(self._feed())
        try:
            while True:
                self._event.clear()
                self._start_calls()
                self._give_up()
                while self._done:
                    self._room.release()
                    yield self._done.popleft()
                if self._fatal is not None:
                    raise self._fatal
                if feeder.done():
                    feeder.result()
                    if not (self._waiting or self._delayed or self._calls or self._done):
                        return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._event.wait(), self._seconds_to_next())
        finally:
            for task in (feeder, *self._calls):
                task.cancel()
            await asyncio.gather(feeder, *self._calls, return_exceptions=True)

    async def _feed(self) -> None:
        try:
            index = 0
            await self._room.acquire()
            async for item in self._items:
                self._waiting.append(_Entry(index, item, quick=self._engine.dialect.quick(item)))
                self.wake()
                index += 1
                await self._room.acquire()
        finally:
            self.wake()

    def _start_calls(self) -> None:
        balancer = self._engine.balancer
        now = time.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            self._waiting.appendleft(heapq.heappop(self._delayed)[1])
        while self._waiting:
            first = self._waiting[0]
            address = balancer.pick(first.avoid)
            if address is None:
                return
            batch, places = self._batch(address)
            if balancer.room(address) < places:
                # A call for one or two items costs as much as one for many: wait for more room.
                self._waiting.extendleft(reversed(batch))
                return
            balancer.sent(address, places)
            task = asyncio.create_task(self._call(address, batch))
            self._calls.add(task)
            task.add_done_callback(self._ended)

    def _batch(self, address: str) -> tuple[list[_Entry[Item]], int]:
        """Takes the items of one call from those that wait, at least one; with the places that they take."""
        balancer = self._engine.balancer
        share, slow_weight = balancer.share(address), balancer.slow_weight(address)
        most_slow = (balancer.slow_together(address) if self._together else 0) or share
        batch: list[_Entry[Item]] = []
        places = 0
        all_slow = True
        while self._waiting and not (batch and (batch[-1].alone or self._waiting[0].alone)):
            entry = self._waiting[0]
            entry.places = 1 if entry.quick else slow_weight
            if batch and (places + entry.places > share or (all_slow and len(batch) >= most_slow)):
                break
            batch.append(self._waiting.popleft())
            places += entry.places
            all_slow = all_slow and not entry.quick
        return batch, places

    def _seconds_to_next(self) -> float | None:
        """Until something may be due without an event; calls in flight end by their deadlines and wake this run."""
        times = [] if not self._delayed else [self._delayed[0][0] - time.monotonic()]
        if self._waiting:
            times += [t for t in (self._engine.balancer.seconds_until_free(), self._engine.outage.seconds_left) if t]
        return max(min(times), 0.001) if times else None

    async def _call(self, address: str, batch: list[_Entry[Item]]) -> None:
        engine = self._engine
        link = engine.link(address)
        asked_at = time.monotonic()
        unanswered = {str(number): entry for number, entry in enumerate(batch)}
        try:
            limits = await link.limits()
            engine.balancer.set_window(address, limits.window, limits.slow_weight, limits.slow_together)
            messages = self._messages(unanswered, limits.max_message_bytes, address)
            due = time.monotonic() + self._timeout
            if self._together and self._go_together(batch, messages, limits):
                answers = link.ask_together(messages, limits, self._timeout)
            else:
                answers = link.exchange(messages, self._timeout)
            async for result in answers:
                entry = unanswered.pop(result.id, None)  # type: ignore[attr-defined]
                if entry is not None:  # else an answer to nothing that was asked
                    engine.balancer.returned(address, entry.places)
                    self._sort(address, entry, result, asked_at)
                    engine.wake()
            late = time.monotonic() >= due
            for entry in unanswered.values():
                if late:
                    self._finish(entry, self._too_late(entry, address))
                    continue
                self._fault(address, entry, self._failed(entry, Code.INTERNAL, "ended the stream without an answer"))
        except grpc.aio.AioRpcError as error:
            self._lost(address, list(unanswered.values()), error)
        finally:
            engine.balancer.returned(address, sum(entry.places for entry in unanswered.values()))

    def _go_together(self, batch: list[_Entry[Item]], messages: list[Item], limits: Limits) -> bool:
        """Whether items are sent in unary calls: quick ones, and few others if one call takes them."""
        quick = sum(entry.quick for entry in batch)
        if quick:
            return quick == len(batch)
        return len(batch) <= limits.slow_together and fit_together(messages, limits)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        if task.cancelled():
            self._fatal = RuntimeError("the client was closed while items were under way")
        elif (error := task.exception()) is not None:
            self._fatal = error
        self._engine.wake()

    def _messages(self, entries: dict[str, _Entry[Item]], max_bytes: int, address: str) -> list[Item]:
        """Copies under ids of our own, since the user's need not be unique."""
        messages = []
        for id_, entry in list(entries.items()):
            message: Any = self._engine.dialect.item()
            message.CopyFrom(entry.item)
            message.id = id_
            if message.ByteSize() + FRAME_BYTES > max_bytes:
                del entries[id_]
                self._engine.balancer.returned(address, entry.places)
                text = f"the item has {message.ByteSize()} bytes; {address} takes at most {max_bytes}"
                self._finish(entry, self._failed(entry, Code.INVALID, text, retryable=False))
            else:
                messages.append(message)
        return messages

    def _sort(self, address: str, entry: _Entry[Item], result: Any, asked_at: float) -> None:
        engine = self._engine
        if result.WhichOneof("outcome") is None:
            self._fault(address, entry, self._failed(entry, Code.INTERNAL, f"{address} sent an empty result"))
            return
        if not result.HasField("failure"):
            engine.balancer.succeeded(address)
            engine.outage.succeeded(address, asked_at)
            self._finish(entry, result)
            return
        failure = result.failure
        if failure.code in (Code.OVERLOADED, Code.SHUTTING_DOWN):
            hint = failure.retry_after_ms / 1000 if failure.retry_after_ms > 0 else None
            unreachable = failure.code == Code.SHUTTING_DOWN
            self._refuse(address, [entry], failure.message, Code(failure.code), hint, unreachable=unreachable)
        elif failure.retryable and failure.code != Code.DEADLINE:
            self._fault(address, entry, result)
        else:
            self._finish(entry, result)

    def _lost(self, address: str, entries: list[_Entry[Item]], error: grpc.aio.AioRpcError) -> None:
        """A call ended early; `entries` were not answered."""
        status, text = error.code(), f"{error.code().name}: {error.details()}"
        if status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            self._engine.link(address).forget()
            self._refuse(address, entries, text, Code.UNAVAILABLE, None, unreachable=True)
        elif status == grpc.StatusCode.UNAUTHENTICATED:
            # The server's tokens or ours may be about to be changed; whoever watches is told the reason.
            self._refuse(address, entries, text, Code.UNAVAILABLE, None, unreachable=True)
        elif status == grpc.StatusCode.RESOURCE_EXHAUSTED:
            self._refuse(address, entries, text, Code.OVERLOADED, _retry_after(error), unreachable=False)
        elif status == grpc.StatusCode.DEADLINE_EXCEEDED:
            for entry in entries:
                self._finish(entry, self._too_late(entry, address))
        elif status == grpc.StatusCode.UNIMPLEMENTED:
            message = f"{address} is not a {self._engine.dialect.service}: {text}"
            for entry in entries:
                self._finish(entry, self._failed(entry, Code.INTERNAL, message, retryable=False))
        else:
            # One item may have brought the call down: each goes again alone, so that only that one fails.
            code = Code.INVALID if status == grpc.StatusCode.INVALID_ARGUMENT else Code.INTERNAL
            for entry in entries:
                result = self._failed(entry, code, f"{address}: {text}", retryable=code != Code.INVALID)
                if code == Code.INVALID and len(entries) == 1:
                    self._finish(entry, result)
                else:
                    self._fault(address, entry, result)

    def _fault(self, address: str, entry: _Entry[Item], result: Result) -> None:
        """The item failed in a way that another try may mend: alone, and elsewhere if there is another address."""
        entry.faults += 1
        if entry.faults >= FAULTS:
            self._finish(entry, result)
            return
        self._engine.retries += 1
        entry.alone = True
        entry.avoid = address
        pause = self._engine.policy.backoff(entry.faults, lambda: 0.5)
        heapq.heappush(self._delayed, (time.monotonic() + pause, entry))

    def _refuse(
        self,
        address: str,
        entries: list[_Entry[Item]],
        text: str,
        code: Code,
        retry_after: float | None,
        *,
        unreachable: bool,
    ) -> None:
        """The address takes nothing now; the items wait for it or for another."""
        self._refused = True
        self._engine.balancer.failed(address, retry_after)
        self._engine.outage.failed(address, text, unreachable=unreachable)
        now = time.monotonic()
        patience = self._timeout + self._engine.policy.max_outage
        for entry in reversed(entries):
            if entry.refused_since is None:
                entry.refused_since = now
            if now - entry.refused_since > patience:  # others get through, this one never does
                self._finish(entry, self._failed(entry, code, f"{address}: {text}"))
            else:
                self._engine.retries += 1
                self._waiting.appendleft(entry)

    def _give_up(self) -> None:
        """Ends what waits when the outage was waited for; each unblocked address was tried just before."""
        outage = self._engine.outage
        if not (self._refused and outage.exhausted):
            return
        code = Code.UNAVAILABLE if outage.unreachable else Code.OVERLOADED
        message = f"no address served for {self._engine.policy.max_outage:g} s; the last: {outage.error}"
        while self._waiting:
            entry = self._waiting.popleft()
            self._finish(entry, self._failed(entry, code, message))

    def _failed(self, entry: _Entry[Item], code: Code, message: str, *, retryable: bool = True) -> Result:
        return self._engine.dialect.failed(entry.id, code, message, retryable)

    def _too_late(self, entry: _Entry[Item], address: str) -> Result:
        return self._failed(entry, Code.DEADLINE, f"no answer from {address} within {self._timeout:g} s")

    def _finish(self, entry: _Entry[Item], result: Any) -> None:
        result.id = entry.id
        self._done.append((entry.index, result))


def _retry_after(error: grpc.aio.AioRpcError) -> float | None:
    for key, value in error.trailing_metadata() or ():
        if key == "retry-after-ms":
            with suppress(ValueError):
                return max(int(value) / 1000, 0.0)
    return None
