"""Counts the bytes between a client and a server, by standing between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_CHUNK = 2**16


@dataclass
class Bytes:
    """Of TCP's payload: HTTP/2 frames with headers; without TLS and without the headers of packets."""

    sent: int = 0
    """By the client."""
    received: int = 0
    """By the client."""


@asynccontextmanager
async def relay(address: str) -> AsyncIterator[tuple[str, Bytes]]:
    """Another address of a server, and what passes through it, counted until the end.

    Args:
        address: `host:port` of the server.
    """
    count = Bytes()
    host, _, port = address.rpartition(":")
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        task.add_done_callback(connections.discard)
        there, onward = await asyncio.open_connection(host, int(port))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pass(reader, onward, count, sent=True))
                both.create_task(_pass(there, writer, count, sent=False))
        finally:
            onward.close()
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", count
    finally:
        server.close()
        await asyncio.gather(*connections)


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter, count: Bytes, *, sent: bool) -> None:
    while content := await source.read(_CHUNK):
        if sent:
            count.sent += len(content)
        else:
            count.received += len(content)
        target.write(content)
        await target.drain()
    target.write_eof()
