"""One address: its channel, its limits, and an exchange of items for results."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, Generic

import grpc

from codaserve import tracing
from codaserve.client.access import Access
from codaserve.client.dialect import UNKNOWN_LIMITS, Dialect, Item, Limits, Result

INFO_SECONDS = 5.0
"""For Info, which every server answers at once."""
CLOCK_SECONDS = 0.005
"""By so much the clock of a call's deadline may differ from ours."""
FRAME_BYTES = 16
"""More than an item takes in a batch on top of its own size."""
CHANNEL_OPTIONS = (
    # What is too large is decided by what the server publishes, item by item.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),  # retrying is decided in one place, here
    ("grpc.lb_policy_name", "round_robin"),  # of what gRPC resolves, as in dns:///name:port
    ("grpc.enable_http_proxy", 0),  # services are neighbours; a proxy for the web would swallow loopback calls
    # A server that comes back must be found soon, and a host that swallows packets given up soon.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # Notice a server whose machine vanished without closing the connection.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


class Link(Generic[Item, Result]):
    """Belongs to the event loop in which it is made."""

    def __init__(
        self,
        address: str,
        dialect: Dialect[Item, Result],
        timeout: float,
        access: Access | None = None,
        name: str | None = None,
    ) -> None:
        """Connects with the first call.

        Args:
            address: `host:port`.
            dialect: Of the service.
            timeout: The usual one of a call, seconds.
            access: What the server asks for.
            name: `host:port` by which the user named it, if it is not the address.

        Raises:
            OSError: A file of `access` cannot be read.
        """
        self.address = address
        self._dialect = dialect
        self._timeout = timeout
        self._access = access or Access()
        self._channel = self._access.channel(address, CHANNEL_OPTIONS, name)
        self._stub = dialect.stub(self._channel)
        self._limits: Limits | None = None
        self._asking = asyncio.Lock()
        self._closed = False
        self.users = 0
        """Who may call it now; it must not be closed before they are done."""

    @property
    def knows(self) -> bool:
        """Whether the server has told its limits, since `forget`."""
        return self._limits is not None

    async def limits(self) -> Limits:
        """The server's limits, asked for once until `forget`.

        Raises:
            grpc.aio.AioRpcError: UNAVAILABLE; after any other error the limits are guessed.
        """
        async with self._asking:
            if self._limits is None:
                try:
                    info = await self.call("Info", self._dialect.info_request(), INFO_SECONDS)
                except grpc.aio.AioRpcError as error:
                    if error.code() == grpc.StatusCode.UNAVAILABLE:
                        raise
                    return UNKNOWN_LIMITS
                self._limits = self._dialect.limits(info, self._timeout)
            return self._limits

    def forget(self) -> None:
        """Another server may answer here from now on."""
        self._limits = None

    async def call(self, method: str, request: Any, timeout: float) -> Any:
        """One unary call.

        Raises:
            grpc.aio.AioRpcError: Whatever the call ends with.
        """
        metadata = (*self._access.metadata(), *tracing.outgoing())
        return await getattr(self._stub, method)(request, timeout=timeout, metadata=metadata)

    async def ask_together(self, items: Sequence[Item], limits: Limits, timeout: float) -> AsyncIterator[Result]:
        """Sends items in as few unary calls as the server's limits allow, one after the other.

        Raises:
            grpc.aio.AioRpcError: Whatever a call ends with.
        """
        due = time.monotonic() + timeout
        for part in _parts(items, limits):
            method, request = self._dialect.batch(part)
            response = await self.call(method, request, max(due - time.monotonic(), CLOCK_SECONDS))
            for result in response.results:
                yield result

    async def exchange(self, items: Iterable[Item], timeout: float) -> AsyncIterator[Result]:
        """Sends items and gives results as they come, in any order.

        Raises:
            grpc.aio.AioRpcError: The call ended early.
        """
        due = time.monotonic() + timeout - CLOCK_SECONDS
        stream = getattr(self._stub, self._dialect.stream)
        metadata = (*self._access.metadata(), *tracing.outgoing())
        call = stream(iter(items), timeout=timeout, metadata=metadata)
        try:
            async for result in call:
                yield result
        except asyncio.CancelledError:
            # A call that ends while an item is being written is cancelled by grpc.aio itself, in a task that nobody
            # has cancelled.
            task = asyncio.current_task()
            if self._closed or task is None or task.cancelling():
                raise
            raise _cut_off(late=time.monotonic() >= due) from None
        except grpc.aio.AioRpcError as error:
            # So grpc.aio may call it when the deadline passes while it begins the call.
            if error.code() is grpc.StatusCode.INTERNAL and time.monotonic() >= due:
                raise _cut_off(late=True) from error
            raise
        finally:
            call.cancel()  # nothing happens when it has ended

    async def close(self) -> None:
        """Cancels what is under way."""
        self._closed = True
        await self._channel.close(None)


def fit_together(items: Sequence[Item], limits: Limits) -> bool:
    """Whether `Link.ask_together` makes no more than one call of these items."""
    parts = _parts(items, limits)
    next(parts, None)
    return next(parts, None) is None


def _parts(items: Sequence[Item], limits: Limits) -> Iterator[list[Item]]:
    part: list[Item] = []
    size = 0
    for item in items:
        bytes_ = item.ByteSize() + FRAME_BYTES  # type: ignore[attr-defined]
        if part and (len(part) == limits.max_items or size + bytes_ > limits.max_message_bytes):
            yield part
            part, size = [], 0
        part.append(item)
        size += bytes_
    if part:
        yield part


def _cut_off(*, late: bool) -> grpc.aio.AioRpcError:
    status = grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.UNAVAILABLE
    nothing = grpc.aio.Metadata()
    return grpc.aio.AioRpcError(status, nothing, nothing, "the call ended while items were being sent")
