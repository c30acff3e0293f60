"""What the calls of one client share: links, balance, the outage clock."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Generic

import grpc

from codaserve.client import names
from codaserve.client.access import Access
from codaserve.client.balance import Balancer
from codaserve.client.dialect import Dialect, Item, Result
from codaserve.client.errors import ServiceError
from codaserve.client.first import first_answer
from codaserve.client.line import Line
from codaserve.client.link import Link
from codaserve.client.outage import Outage, OutageClock
from codaserve.client.retry import RetryPolicy
from codaserve.client.run import Run

TRANSIENT = ("UNAVAILABLE", "CANCELLED", "RESOURCE_EXHAUSTED")
"""Statuses with which a server may answer later."""


class Engine(Generic[Item, Result]):
    """Not thread-safe; belongs to the event loop and the process that first use it."""

    def __init__(
        self,
        dialect: Dialect[Item, Result],
        addresses: Sequence[str],
        timeout: float,
        policy: RetryPolicy,
        on_outage: Callable[[Outage], None] | None,
        access: Access,
        max_in_flight: int | None = None,
    ) -> None:
        """Connects to nothing yet."""
        self.dialect = dialect
        self.policy = policy
        self.timeout = timeout
        self._access = access
        self.retries = 0
        """Times that an item was put back to be sent again."""
        self.hedges = 0
        """Items that were sent to a second address because the first was slow."""
        self._names = names.Names(addresses)
        self.addresses = self._names.addresses
        """Those that share the work now."""
        self._look_again = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self.balancer = Balancer(addresses, policy, max_in_flight=max_in_flight)
        self.outage = OutageClock(dialect.service, addresses, policy.max_outage, on_outage)
        self._links: dict[str, Link[Item, Result]] = {}
        self._runs: set[Run[Item, Result]] = set()
        self.line = Line()
        """The runs that wait for room."""
        self._setbacks = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = os.getpid()
        self._closed = False

    @contextmanager
    def using(self, address: str) -> Iterator[Link[Item, Result]]:
        """The link to an address, made when first asked for, which stays open so long."""
        link = self._links.get(address)
        if link is None:
            name = self._names.name(address)
            link = self._links[address] = Link(address, self.dialect, self.timeout, self._access, name)
        link.users += 1
        try:
            yield link
        finally:
            link.users -= 1

    def lost(self, address: str) -> None:
        """An address could not be reached: another server may answer there when it is back, or elsewhere already."""
        if (link := self._links.get(address)) is not None:
            link.forget()
        self._look_again.set()

    async def run(
        self, items: AsyncIterator[Item], timeout: float | None, *, together: bool
    ) -> AsyncGenerator[tuple[int, Result], None]:
        """Gives the index and the result of every item, as they finish. Reads items only as there is room for them.

        With `together`, items of one call may wait for each other.

        Raises:
            RuntimeError: The client is closed, or used outside of its event loop or process.
        """
        self._check()
        run = Run(self, items, self._seconds(timeout), together=together)
        await self._look(names.EVERY_SECONDS)
        self._check()
        self._runs.add(run)
        if self._names.any and self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        results = run.results()
        try:
            async for pair in results:
                yield pair
        finally:
            self._runs.discard(run)
            if not self._runs:
                self._stop_watching()
            await results.aclose()
            self.wake()  # others may wait for the room that this one leaves

    def wake(self) -> None:
        """Room may have come, or an address failed, so that every run is to wait for another time."""
        if self.balancer.setbacks == self._setbacks:
            self.line.room_came()
            return
        self._setbacks = self.balancer.setbacks
        for run in self._runs:
            run.wake()

    async def ask(self, method: str, request: Any, timeout: float | None) -> Any:
        """A unary call to any address, waiting for one to answer up to `max_outage`.

        Raises:
            ServiceError: None answered.
        """
        self._check()
        seconds = self._seconds(timeout)

        async def ask(address: str) -> Any:
            try:
                with self.using(address) as link:
                    return await link.call(method, request, seconds)
            except grpc.aio.AioRpcError as error:
                raise _service_error(address, error) from error

        give_up = time.monotonic() + self.policy.max_outage
        failures = 0
        age = names.EVERY_SECONDS
        while True:
            await self._look(age)
            try:
                return await first_answer([partial(ask, address) for address in self.addresses], _elsewhere)
            except ServiceError as error:
                failures += 1
                pause = self.policy.backoff(failures, lambda: 0.5)
                if error.code not in TRANSIENT or time.monotonic() + pause > give_up:
                    raise
            age = names.LEAST_SECONDS
            await asyncio.sleep(pause)

    async def ask_each(self, method: str, request: Any, timeout: float | None) -> list[Any]:
        """A unary call to every address, not repeated; answers in the order of the addresses.

        Raises:
            ServiceError: Of the first address that failed; the others were asked all the same.
        """
        self._check()
        seconds = self._seconds(timeout)
        await self._look()
        addresses = self.addresses

        async def ask(address: str) -> Any:
            with self.using(address) as link:
                return await link.call(method, request, seconds)

        answers = await asyncio.gather(*map(ask, addresses), return_exceptions=True)
        for address, answer in zip(addresses, answers, strict=True):
            if isinstance(answer, grpc.aio.AioRpcError):
                raise _service_error(address, answer) from answer
            if isinstance(answer, BaseException):
                raise answer
        return answers

    async def close(self) -> None:
        """Ends every call under way. A closed client cannot be used again."""
        self._closed = True
        if os.getpid() == self._process:
            self._stop_watching()
            for link in self._links.values():
                await link.close()
        self._links.clear()

    async def _watch(self) -> None:
        """Follows what the names stand for."""
        while True:
            await asyncio.sleep(names.LEAST_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look_again.wait(), names.EVERY_SECONDS)
            self._look_again.clear()
            await self._look()

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _look(self, age: float = 0.0) -> None:
        """Takes over what names stand for now, unless that was done less than `age` seconds ago."""
        await self._names.look(age)
        if self.addresses != self._names.addresses:
            self.addresses = self._names.addresses
            self.balancer.replace(self.addresses)
            self.outage.replace(self.addresses)
            self.wake()
        for address, link in list(self._links.items()):
            if address not in self.addresses and not link.users:
                self._links.pop(address, None)
                await link.close()

    def _seconds(self, timeout: float | None) -> float:
        seconds = self.timeout if timeout is None else timeout
        if not seconds > 0:
            raise ValueError(f"timeout is {seconds}; it must be above 0 seconds")
        return seconds

    def _check(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed")
        if os.getpid() != self._process:
            raise RuntimeError("the client was made before a fork; make one in each process")
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise RuntimeError("the client belongs to another event loop; make one in each, or use the sync client")


def _elsewhere(error: Exception) -> bool:
    """Whether another server may answer what this one did not."""
    return isinstance(error, ServiceError) and error.code in (*TRANSIENT, "DEADLINE_EXCEEDED")


def _service_error(address: str, error: grpc.aio.AioRpcError) -> ServiceError:
    return ServiceError(address, error.code().name, error.details() or "")
