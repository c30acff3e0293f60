"""One score() or stream(): sends items, sorts what comes back into results and retries.

One task decides and starts calls, so that no state needs a lock; each call is a task of its own with a deadline. An
item is in one place at a time: unread, waiting, delayed, in a call (in two when it is hedged), or done.
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
from codaserve.client.entry import Entry, Flight
from codaserve.client.link import FRAME_BYTES, Link, fit_together
from codaserve.client.retry import asked_delay

if TYPE_CHECKING:
    from codaserve.client.engine import Engine

AHEAD = 1024
"""Items read and not yet handed out: bounds memory, and is more than several servers' windows."""
FAULTS = 3
"""Tries of an item that a service calls faulty in itself: a fault that repeats is not a passing one."""


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
        self._waiting: deque[Entry[Item]] = deque()
        self._delayed: list[tuple[float, Entry[Item]]] = []
        self._done: deque[tuple[int, Result]] = deque()
        self._calls: dict[asyncio.Task[None], Flight[Item]] = {}
        self._failures_before = engine.outage.failures
        self._fatal: BaseException | None = None
        self._room = asyncio.Semaphore(AHEAD)
        self._late_at = 0.0  # when it was last looked what is late, so that nothing becomes so unseen before the wait
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
                round_ = self._engine.line.round
                short = self._start_calls()
                self._hedge()
                self._give_up()
                if not short and self._engine.balancer.pick() is not None:
                    self._engine.line.wake_next()
                while self._done:
                    self._room.release()
                    yield self._done.popleft()
                if self._fatal is not None:
                    raise self._fatal
                if feeder.done():
                    feeder.result()
                    if not (self._waiting or self._delayed or self._calls or self._done):
                        return
                if round_ == self._engine.line.round or not self._wants_room():
                    await self._wait(round_, first=short)
        finally:
            for task in (feeder, *self._calls):
                task.cancel()
            await asyncio.gather(feeder, *self._calls, return_exceptions=True)

    async def _wait(self, looked: int, *, first: bool) -> None:
        """For an event, or until something is due; in the line for room if there is something to send."""
        line = self._engine.line
        if self._wants_room():
            line.join(self, looked, first=first)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._event.wait(), self._seconds_to_next())
        finally:
            line.leave(self)

    async def _feed(self) -> None:
        try:
            index = 0
            await self._room.acquire()
            async for item in self._items:
                self._waiting.append(Entry(index, item, quick=self._engine.dialect.quick(item)))
                self.wake()
                index += 1
                await self._room.acquire()
        finally:
            self.wake()

    def _start_calls(self) -> bool:
        """Sends what there is room for. Whether there is room, but too little: nobody behind should take it."""
        balancer = self._engine.balancer
        now = time.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            self._waiting.appendleft(heapq.heappop(self._delayed)[1])
        while self._waiting:
            first = self._waiting[0]
            address = balancer.pick(first.avoid)
            if address is None:
                return False
            batch = self._batch(address, self._waiting)
            if not self._send(address, batch):
                # A call for one or two items costs as much as one for many: wait for more room.
                self._waiting.extendleft(reversed(batch))
                return first.avoid is None
        return False

    def _send(self, address: str, batch: list[Entry[Item]], *, may_hedge: bool = True) -> bool:
        """Starts a call if there is room for it."""
        balancer = self._engine.balancer
        slow_weight = balancer.slow_weight(address)
        places = sum(entry.places(slow_weight) for entry in batch)
        if balancer.room(address) < places or balancer.items_left < len(batch):
            return False
        after = self._engine.policy.hedge_after
        hedge_at = time.monotonic() + after if after is not None and may_hedge else None
        flight = Flight(address, batch, slow_weight, hedge_at)
        for entry in batch:
            entry.hedged = not may_hedge
        balancer.sent(address, places, len(batch))
        task = asyncio.create_task(self._call(flight))
        self._calls[task] = flight
        task.add_done_callback(self._ended)
        return True

    def _hedge(self) -> None:
        """Sends what has been unanswered for too long to another address too; the first result counts."""
        balancer, self._late_at = self._engine.balancer, time.monotonic()
        for flight in list(self._calls.values()):
            if flight.hedge_at is None or flight.hedge_at > self._late_at:
                continue
            late = deque(flight.unhedged())
            while late:
                address = balancer.pick(flight.address)
                if address is None or address == flight.address:
                    break
                batch = self._batch(address, late)
                if not self._send(address, batch, may_hedge=False):
                    break
                self._engine.hedges += len(batch)

    def _batch(self, address: str, waiting: deque[Entry[Item]]) -> list[Entry[Item]]:
        """Takes the items of one call from those that wait, at least one."""
        balancer = self._engine.balancer
        share, slow_weight = balancer.share(address), balancer.slow_weight(address)
        most_slow = (balancer.slow_together(address) if self._together else 0) or share
        most = balancer.items_share
        batch: list[Entry[Item]] = []
        places = 0
        all_slow = True
        while waiting and len(batch) < most and not (batch and (batch[-1].alone or waiting[0].alone)):
            taken = waiting[0].places(slow_weight)
            if batch and (places + taken > share or (all_slow and len(batch) >= most_slow)):
                break
            entry = waiting.popleft()
            batch.append(entry)
            places += taken
            all_slow = all_slow and not entry.quick
        return batch

    def _wants_room(self) -> bool:
        return bool(self._waiting) or any(at <= self._late_at for at in self._hedges())

    def _hedges(self) -> list[float]:
        """When the calls are due to be sent to another address too that were not."""
        return [flight.hedge_at for flight in self._calls.values() if flight.hedge_at and flight.unhedged()]

    def _seconds_to_next(self) -> float | None:
        """Until something may be due without an event; calls in flight end by their deadlines and wake this run."""
        now = time.monotonic()
        times = [] if not self._delayed else [self._delayed[0][0] - now]
        times += [at - now for at in self._hedges() if at > self._late_at]
        if self._wants_room():  # no address can take it now
            times += [t for t in (self._engine.balancer.seconds_until_free(), self._engine.outage.seconds_left) if t]
        return max(min(times), 0.001) if times else None

    async def _call(self, flight: Flight[Item]) -> None:
        with self._engine.using(flight.address) as link:
            try:
                await self._exchange(flight, link)
            except grpc.aio.AioRpcError as error:
                self._lost(flight.address, self._take_all(flight), error)

    async def _exchange(self, flight: Flight[Item], link: Link[Item, Result]) -> None:
        engine, address = self._engine, flight.address
        asked_at = time.monotonic()
        heard = link.knows
        limits = await link.limits()
        if not heard and link.knows:
            engine.balancer.reached(address)
            engine.wake()
        engine.balancer.set_window(address, limits.window, limits.slow_weight, limits.slow_together)
        messages = self._messages(flight, limits.max_message_bytes)
        due = time.monotonic() + self._timeout
        if self._together and self._go_together(list(flight.unanswered.values()), messages, limits):
            answers = link.ask_together(messages, limits, self._timeout)
        else:
            answers = link.exchange(messages, self._timeout)
        async for result in answers:
            entry = flight.take(result.id)  # type: ignore[attr-defined]
            if entry is not None:  # else an answer to nothing that was asked
                engine.balancer.returned(address, entry.places(flight.slow_weight), 1)
                self._sort(address, entry, result, asked_at)
                engine.wake()
                self.wake()
        late = time.monotonic() >= due
        if flight.unanswered and not late:
            engine.balancer.faulted(address)
        for entry in self._take_all(flight):
            if late:
                self._overdue(address, entry)
                continue
            self._fault(address, entry, self._failed(entry, Code.INTERNAL, "ended the stream without an answer"))

    def _take_all(self, flight: Flight[Item]) -> list[Entry[Item]]:
        places, entries = flight.places, flight.take_all()
        self._engine.balancer.returned(flight.address, places, len(entries))
        return entries

    def _go_together(self, batch: list[Entry[Item]], messages: list[Item], limits: Limits) -> bool:
        """Whether items are sent in unary calls: quick ones, and few others if one call takes them."""
        quick = sum(entry.quick for entry in batch)
        if quick:
            return quick == len(batch)
        return len(batch) <= limits.slow_together and fit_together(messages, limits)

    def _ended(self, task: asyncio.Task[None]) -> None:
        flight = self._calls.pop(task)
        self._take_all(flight)  # of a call that was cancelled, perhaps before it began
        if task.cancelled():
            if not flight.abandoned:
                self._fatal = RuntimeError("the client was closed while items were under way")
        elif (error := task.exception()) is not None:
            self._fatal = error
        self._engine.wake()
        self.wake()

    def _messages(self, flight: Flight[Item], max_bytes: int) -> list[Item]:
        """Copies under ids of our own, since the user's need not be unique."""
        messages = []
        for id_, entry in list(flight.unanswered.items()):
            message: Any = self._engine.dialect.item()
            message.CopyFrom(entry.item)
            message.id = id_
            if message.ByteSize() + FRAME_BYTES > max_bytes:
                flight.take(id_)
                self._engine.balancer.returned(flight.address, entry.places(flight.slow_weight), 1)
                text = f"the item has {message.ByteSize()} bytes; {flight.address} takes at most {max_bytes}"
                self._finish(entry, self._failed(entry, Code.INVALID, text, retryable=False))
            else:
                messages.append(message)
        return messages

    def _sort(self, address: str, entry: Entry[Item], result: Any, asked_at: float) -> None:
        engine = self._engine
        if result.WhichOneof("outcome") is None:
            engine.balancer.faulted(address)
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
            engine.balancer.faulted(address)
            self._fault(address, entry, result)
        else:
            self._finish(entry, result)

    def _lost(self, address: str, entries: list[Entry[Item]], error: grpc.aio.AioRpcError) -> None:
        """A call ended early; `entries` were not answered."""
        status, text = error.code(), f"{error.code().name}: {error.details()}"
        if status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            self._refuse(address, entries, text, Code.UNAVAILABLE, None, unreachable=True)
        elif status == grpc.StatusCode.UNAUTHENTICATED:
            # The server's tokens or ours may be about to be changed; whoever watches is told the reason.
            self._refuse(address, entries, text, Code.UNAVAILABLE, None, unreachable=True)
        elif status == grpc.StatusCode.RESOURCE_EXHAUSTED:
            self._refuse(address, entries, text, Code.OVERLOADED, asked_delay(error), unreachable=False)
        elif status == grpc.StatusCode.DEADLINE_EXCEEDED:
            for entry in entries:
                self._overdue(address, entry)
        elif status == grpc.StatusCode.UNIMPLEMENTED:
            message = f"{address} is not a {self._engine.dialect.service}: {text}"
            for entry in entries:
                self._finish(entry, self._failed(entry, Code.INTERNAL, message, retryable=False))
        else:
            # One item may have brought the call down: each goes again alone, so that only that one fails.
            code = Code.INVALID if status == grpc.StatusCode.INVALID_ARGUMENT else Code.INTERNAL
            if code != Code.INVALID:
                self._engine.balancer.faulted(address)  # once, however many items were with the one
            for entry in entries:
                result = self._failed(entry, code, f"{address}: {text}", retryable=code != Code.INVALID)
                if code == Code.INVALID and len(entries) == 1:
                    self._finish(entry, result)
                else:
                    self._fault(address, entry, result)

    def _fault(self, address: str, entry: Entry[Item], result: Result) -> None:
        """The item failed in a way that another try may mend: alone, and elsewhere if there is another address."""
        if entry.done or entry.calls:
            return  # another call has answered it, or may
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
        entries: list[Entry[Item]],
        text: str,
        code: Code,
        retry_after: float | None,
        *,
        unreachable: bool,
    ) -> None:
        """The address takes nothing now; the items wait for it or for another."""
        if unreachable:
            self._engine.lost(address)
        self._engine.balancer.failed(address, retry_after, unreachable=unreachable)
        self._engine.outage.failed(address, text, unreachable=unreachable)
        now = time.monotonic()
        patience = self._timeout + self._engine.policy.max_outage
        for entry in reversed(entries):
            if entry.done or entry.calls:
                continue  # another call has answered it, or may
            if entry.refused_since is None:
                entry.refused_since = now
            if now - entry.refused_since > patience:  # others get through, this one never does
                self._finish(entry, self._failed(entry, code, f"{address}: {text}"))
            else:
                self._engine.retries += 1
                self._waiting.appendleft(entry)

    def _give_up(self) -> None:
        """Ends what waits when the outage was waited for, and some run has tried since this one began."""
        outage = self._engine.outage
        tried = outage.failures > self._failures_before
        if not (tried and outage.exhausted) or self._engine.balancer.testing:
            return
        code = Code.UNAVAILABLE if outage.unreachable else Code.OVERLOADED
        message = f"no address served for {self._engine.policy.max_outage:g} s; the last: {outage.error}"
        while self._waiting:
            entry = self._waiting.popleft()
            self._finish(entry, self._failed(entry, code, message))

    def _failed(self, entry: Entry[Item], code: Code, message: str, *, retryable: bool = True) -> Result:
        return self._engine.dialect.failed(entry.id, code, message, retryable)

    def _overdue(self, address: str, entry: Entry[Item]) -> None:
        self._engine.balancer.faulted(address)
        self._finish(entry, self._failed(entry, Code.DEADLINE, f"no answer from {address} within {self._timeout:g} s"))

    def _finish(self, entry: Entry[Item], result: Any) -> None:
        """The item's result; of a failure only when no other call may still have better."""
        if entry.done or (entry.calls and result.HasField("failure")):
            return
        entry.done = True
        result.id = entry.id
        self._done.append((entry.index, result))
        if entry.hedged:
            for task, flight in self._calls.items():
                if (
                    flight.unanswered
                    and flight.needless
                    and not flight.abandoned
                    and task is not asyncio.current_task()
                ):
                    flight.abandoned = True
                    task.cancel()
