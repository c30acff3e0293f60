"""The scorer under test, as a client sees it: nothing is tried again that could hide a fault."""

import asyncio
from collections.abc import Sequence

import grpc

from codaserve.client.access import Access
from codaserve.client.dialect import SCORER
from codaserve.client.link import CHANNEL_OPTIONS, INFO_SECONDS, Link
from codaserve.v1 import scorer_pb2 as pb

BUSY = (pb.FAILURE_OVERLOADED, pb.FAILURE_MACHINE_LOADED)
BUSY_TRIES = 6
BUSY_SECONDS = 0.5
MOST_SLOTS = 64
"""More than these many sandboxes are not all met after each attack."""


class LostError(Exception):
    """A call did not end as the contract says."""


class Target:
    """One address. Belongs to the event loop in which it is made."""

    def __init__(self, address: str, timeout: float, access: Access | None = None) -> None:
        """Connects with the first call.

        Args:
            address: `host:port`.
            timeout: Seconds for everything that is sent at once.
            access: For a scorer that asks for a token or a certificate.

        Raises:
            ValueError: The address has no host or no port.
        """
        host, _, port = address.rpartition(":")
        self.host = host.strip("[]")
        if not self.host or not port.isdigit():
            raise ValueError(f"{address!r} is not host:port")
        self.port = int(port)
        self.address = address
        self.timeout = timeout
        self.info = pb.ScorerInfo()
        self.link: Link[pb.ScoreItem, pb.ScoreResult] = Link(address, SCORER, timeout, access)
        self.channel = (access or Access()).channel(address, CHANNEL_OPTIONS)

    async def connect(self) -> None:
        """Reads Info, once the server knows which languages it has.

        Raises:
            LostError: Nobody answers, or no scorer.
        """
        await self._read_info()
        missing = [language.name for language in self.info.missing_languages]
        if missing:
            # A server that has just started may still be finding out; a task is answered when it knows.
            case = pb.StdioTests(cases=[pb.StdioCase()])
            tasks = [pb.CodeTask(language=name, source="x", stdio=case) for name in missing]
            await self.score([pb.ScoreItem(code=task) for task in tasks])
            await self._read_info()

    async def _read_info(self) -> None:
        try:
            self.info = await self.link.call("Info", pb.ScorerInfoRequest(), INFO_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise LostError(told(error)) from error

    @property
    def slots(self) -> int:
        """How many programs are sent at once to meet all sandboxes."""
        return min(max(1, self.info.limits.sandbox_slots), MOST_SLOTS)

    @property
    def languages(self) -> list[str]:
        """Names of the languages that the server offers."""
        return [language.name for language in self.info.languages]

    @property
    def active(self) -> frozenset[str]:
        """Names of the layers that are in force."""
        return frozenset(layer.name for layer in self.info.isolation if layer.active)

    async def score(self, items: Sequence[pb.ScoreItem]) -> list[pb.ScoreResult]:
        """Results in the order of the items; a queue that is full and a busy machine are waited for.

        Raises:
            LostError: The call failed, or has not as many results as items.
        """
        results: dict[int, pb.ScoreResult] = {}
        for attempt in range(BUSY_TRIES):
            wanted = [index for index in range(len(items)) if index not in results or _is_busy(results[index])]
            if not wanted:
                break
            await asyncio.sleep(attempt * BUSY_SECONDS)
            try:
                results.update(zip(wanted, await self._ask([items[index] for index in wanted]), strict=True))
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED or attempt == BUSY_TRIES - 1:
                    raise LostError(f"the call failed: {told(error)}") from error
            except ValueError as error:
                raise LostError("the call has not as many results as items") from error
        return [results[index] for index in range(len(items))]

    async def _ask(self, items: list[pb.ScoreItem]) -> list[pb.ScoreResult]:
        response = await self.link.call("Score", pb.ScoreRequest(items=items), self.timeout)
        return list(response.results)

    async def close(self) -> None:
        """Ends every call under way."""
        await self.link.close()
        await self.channel.close()


def told(error: grpc.aio.AioRpcError) -> str:
    """What a call ended with, in words."""
    return f"{error.code().name}: {error.details() or 'no details'}"


def _is_busy(result: pb.ScoreResult) -> bool:
    return result.WhichOneof("outcome") == "failure" and result.failure.code in BUSY
