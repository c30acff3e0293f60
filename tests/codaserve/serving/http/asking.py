"""A server of routes that tests make up, and ways to ask it: properly, and byte by byte."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from codaserve.serving.http.route import Route
from codaserve.serving.http.server import http_served
from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.settings import ServerSettings

LONG = 60.0
"""Seconds within which everything ends on however busy a machine."""


@dataclass(frozen=True)
class Heard:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Line:
    """A connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Sends bytes."""
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), LONG)

    async def hear(self) -> Heard:
        """Reads one answer. Raises IncompleteReadError when the server closes without one."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), LONG)).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await asyncio.wait_for(self.reader.readexactly(int(headers["content-length"])), LONG)
        return Heard(int(head[0].split()[1]), headers, body)

    async def closed(self) -> bytes:
        """What comes until the server closes."""
        try:
            return await asyncio.wait_for(self.reader.read(), LONG)
        except ConnectionError:
            return b""

    async def hang_up(self) -> None:
        """Closes it at once."""
        self.writer.transport.abort()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


@dataclass(frozen=True)
class Server:
    """Where a server is."""

    address: str

    async def call(self) -> Line:
        """A new connection."""
        host, _, port = self.address.rpartition(":")
        return Line(*await asyncio.wait_for(asyncio.open_connection(host, int(port)), LONG))

    async def post(self, path: str, content: Any, **headers: str) -> Heard:
        """The answer to a value, or to bytes, on a connection of its own."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.ask("POST", path, body, **headers)

    async def get(self, path: str, **headers: str) -> Heard:
        """The answer to a request without a body."""
        return await self.ask("GET", path, b"", **headers)

    async def ask(self, method: str, path: str, body: bytes, **headers: str) -> Heard:
        """The answer to a request on a connection of its own."""
        line = await self.call()
        try:
            await line.send(request(method, path, body, headers))
            return await line.hear()
        finally:
            await line.hang_up()


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a request."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "host: test",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def serving(
    routes: Iterable[Route[Any]], server: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Server]:
    """Serves routes on a free port."""
    http = HttpSettings.model_validate({"port": 0, **settings})
    async with http_served("test", list(routes), http, ServerSettings.model_validate(server or {})) as address:
        assert address is not None
        yield Server(address)
