"""Reads the body of a request, as much of it as there is room and time for."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from codaserve.serving.http.messages import Problem, ProblemError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
LATER_MS = 1000
"""When a client may come back that found no room for its body."""


class Disconnected(Exception):  # noqa: N818
    """The client is gone."""


class Room:
    """Room for the bodies of all requests that are here at one time. Not thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._free = most_bytes

    def take(self, size: int) -> None:
        """Takes room, to be given back. Raises ProblemError when there is none."""
        if size > self._free:
            message = "there is no room for the body now, since those of other requests take all of it; come back later"
            raise ProblemError(Problem(503, message, retry_after_ms=LATER_MS))
        self._free -= size

    def give_back(self, size: int) -> None:
        """Of what was taken."""
        self._free += size


class Body:
    """The body of one request; what it took of the room is given back by `close`."""

    def __init__(self, receive: Receive, room: Room, most_bytes: int) -> None:
        """Args:
        receive: Of the ASGI interface.
        room: For all bodies.
        most_bytes: Of this one.
        """
        self._receive = receive
        self._room = room
        self._most_bytes = most_bytes
        self._size = 0

    async def read(self, declared: int | None, seconds: float) -> bytes:
        """All of it.

        Args:
            declared: Its length, if the request has it.
            seconds: How long it may take.

        Raises:
            ProblemError: It is too large, there is no room for it, or it takes too long.
            Disconnected: The client is gone.
        """
        if declared is not None and declared > self._most_bytes:
            raise self._too_large()
        chunks = []
        try:
            async with asyncio.timeout(seconds):
                more = True
                while more:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        raise Disconnected
                    more = message.get("more_body", False)
                    chunk = message.get("body", b"")
                    if self._size + len(chunk) > self._most_bytes:
                        raise self._too_large()
                    self._room.take(len(chunk))
                    self._size += len(chunk)
                    chunks.append(chunk)
        except TimeoutError:
            late = f"the body was not here after {seconds:g} s (http.patience_seconds)"
            raise ProblemError(Problem(408, late)) from None
        return b"".join(chunks)

    def close(self) -> None:
        """Gives back the room that the body took."""
        self._room.give_back(self._size)
        self._size = 0

    def _too_large(self) -> ProblemError:
        message = f"the body is larger than {self._most_bytes} bytes (http.max_body_bytes); send less at one time"
        return ProblemError(Problem(413, message))


async def skip(receive: Receive, seconds: float, most_bytes: int) -> None:
    """Reads on past a body that is not wanted, so that a client which is still sending gets to read the answer."""
    try:
        async with asyncio.timeout(seconds):
            while most_bytes > 0:
                message = await receive()
                most_bytes -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        pass
