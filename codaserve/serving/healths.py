"""gRPC's health service (grpc.health.v1) for whoever asks: callers without a token, too, so it keeps nothing of theirs.

A request is read on its own and dropped at once, few callers may dawdle, and few watch. gRPC's ready-made
service keeps each request, of up to `max_message_bytes`, for as long as its caller watches.
"""

import asyncio
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2

LONGEST_BYTES = 256
"""Of a request; the longest name of a service has far fewer."""
SOON_SECONDS = 1.0
"""In which a request arrives whole, unless its caller dawdles."""
READ_SECONDS = 10.0
"""For the request of a caller who dawdles, while few do."""
FEW = 8
"""Requests that are being read, each of up to the server's `max_message_bytes`, so that one may take its time."""
MOST_WATCHES = 1000
"""Watch calls at one time, some 25 kB each."""


class Healths:
    """What every service is, for Check and Watch. Belongs to the running loop."""

    def __init__(self, server: grpc.aio.Server) -> None:
        """Adds the service to a server; no name is known yet.

        Args:
            server: Has not begun.
        """
        self._statuses: dict[str, bytes] = {}
        self._changed = asyncio.Event()
        self._reading = 0
        self._watches = 0
        # As streams of bytes: of other calls gRPC reads the request itself, and holds it until they end.
        handlers = {
            "Check": grpc.stream_stream_rpc_method_handler(self._check),
            "Watch": grpc.stream_stream_rpc_method_handler(self._watch),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(health.SERVICE_NAME, handlers),))

    def set(self, name: str, *, serving: bool) -> None:
        """Tells what a service is now, those who watch included."""
        kind = health_pb2.HealthCheckResponse
        self._statuses[name] = kind(status=kind.SERVING if serving else kind.NOT_SERVING).SerializeToString()
        self._changed.set()
        self._changed = asyncio.Event()

    async def _check(self, requests: Any, context: Any) -> None:
        del requests  # read by `_name`
        await context.write(self._statuses[await self._name(context)])

    async def _watch(self, requests: Any, context: Any) -> None:
        del requests  # read by `_name`
        name = await self._name(context)
        if self._watches >= MOST_WATCHES:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"{MOST_WATCHES} calls watch already")
        self._watches += 1
        try:
            told = None
            while True:
                changed, status = self._changed, self._statuses[name]
                if status != told:
                    await context.write(status)
                    told = status
                await changed.wait()
        finally:
            self._watches -= 1

    async def _name(self, context: Any) -> str:
        """The service that a call asks for; ends the call if it is none."""
        data = await self._read(context)
        if data is None:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "no request came, or too slowly")
            raise AssertionError("abort returned")
        if len(data) > LONGEST_BYTES:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the request has more than {LONGEST_BYTES} bytes")
        try:
            name = health_pb2.HealthCheckRequest.FromString(data).service
        except DecodeError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the request cannot be read: {error}")
        if name not in self._statuses:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"there are {', '.join(filter(None, self._statuses))}")
        return str(name)

    async def _read(self, context: Any) -> bytes | None:
        """The beginning of a call's request, a byte more than it may have; None if it does not come."""
        reading = asyncio.ensure_future(context.read())
        self._reading += 1
        try:
            await asyncio.wait({reading}, timeout=SOON_SECONDS)
            if not reading.done() and self._reading <= FEW:
                await asyncio.wait({reading}, timeout=READ_SECONDS)
            data = reading.result() if reading.done() else None
            return data[: LONGEST_BYTES + 1] if isinstance(data, bytes) else None
        finally:
            self._reading -= 1
            reading.cancel()
