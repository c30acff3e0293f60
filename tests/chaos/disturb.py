"""What is done to services while they work; each disturbance is undone before it returns."""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import grpc

from codaserve.v1 import scorer_pb2, scorer_pb2_grpc
from tests.chaos.network import Network
from tests.chaos.replica import PORT, Replica

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""What a client of HTTP/2 begins with, and empty settings."""
CONNECTIONS = 20
SLOW_ITEMS = 150


class Disturber:
    """Hurts one replica at a time."""

    def __init__(self, network: Network, source: random.Random) -> None:
        """`source` decides how."""
        self._network = network
        self._random = source
        every: list[Callable[[Replica], Awaitable[None]]] = [
            self.killed,
            self.stopped,
            self.delayed,
            self.lossy,
            self.cut,
        ]
        scorers = [self.no_disk, self.no_descriptors, self.malformed, self.half_open, self.slow_reader]
        self.of_scorers = [*every, *scorers]
        self.of_critics = [*every, self.malformed, self.half_open]

    def _seconds(self) -> float:
        return self._random.uniform(1.5, 4)

    async def killed(self, replica: Replica) -> None:
        """Killed with -9, and started again."""
        replica.kill()
        await asyncio.sleep(self._seconds() / 2)
        replica.start()
        await asyncio.to_thread(replica.wait)

    async def stopped(self, replica: Replica) -> None:
        """Stopped with SIGSTOP."""
        replica.freeze()
        try:
            await asyncio.sleep(2 * self._seconds())
        finally:
            replica.thaw()

    async def delayed(self, replica: Replica) -> None:
        """Packets take 50 to 300 ms in each direction."""
        await self._impaired(replica, delay_ms=self._random.uniform(50, 300))

    async def lossy(self, replica: Replica) -> None:
        """One packet of ten to thirty of a hundred is lost."""
        await self._impaired(replica, delay_ms=5, loss=self._random.uniform(0.1, 0.3))

    async def cut(self, replica: Replica) -> None:
        """No packet arrives, and nobody is told."""
        await self._impaired(replica, loss=1)

    async def _impaired(self, replica: Replica, *, delay_ms: float = 0, loss: float = 0) -> None:
        self._network.impair(replica.place, delay_ms=delay_ms, loss=loss)
        try:
            await asyncio.sleep(self._seconds())
        finally:
            self._network.heal(replica.place)

    async def no_disk(self, replica: Replica) -> None:
        """Its disk is full."""
        replica.fill_disk()
        try:
            await asyncio.sleep(self._seconds())
        finally:
            replica.empty_disk()

    async def no_descriptors(self, replica: Replica) -> None:
        """It may open two more files, while others connect."""
        before = replica.starve_of_descriptors()
        try:
            with _connections(replica, b""):
                await asyncio.sleep(self._seconds())
        finally:
            replica.feed_descriptors(before)

    async def malformed(self, replica: Replica) -> None:
        """Connections bring noise: at once, and where HTTP/2 frames should be."""
        for noise in (self._random.randbytes(4000), PREFACE + self._random.randbytes(4000)):
            with _connections(replica, noise):
                await asyncio.sleep(0.2)

    async def half_open(self, replica: Replica) -> None:
        """Connections that say nothing, or begin and say no more."""
        with _connections(replica, b""), _connections(replica, PREFACE):
            await asyncio.sleep(self._seconds())

    async def slow_reader(self, replica: Replica) -> None:
        """A client that sends items and does not read its results."""
        item = scorer_pb2.ScoreItem(math=scorer_pb2.MathTask(gold=["x"], answer="x" * 4000))

        async def items() -> object:
            for number in range(SLOW_ITEMS):
                item.id = str(number)
                yield item
            await asyncio.Event().wait()

        async with grpc.aio.insecure_channel(replica.address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            call = scorer_pb2_grpc.ScorerStub(channel).ScoreStream(items())  # type: ignore[no-untyped-call]
            await asyncio.sleep(self._seconds())
            call.cancel()


@contextmanager
def _connections(replica: Replica, begin: bytes) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            with suppress(OSError):
                connection = stack.enter_context(socket.create_connection((replica.place.host, PORT), timeout=0.5))
                connection.sendall(begin)
        yield
