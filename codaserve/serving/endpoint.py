"""The port for those who watch a server: metrics and probes over plain HTTP. It tells nothing of anybody's work.

/metrics   Prometheus' text
/livez     200 while the server's loop turns, else 503
/readyz    200 while it takes work, else 503 and the reason

A loop on a thread of its own reads and writes, so that who dawdles holds up nobody; one more thread for each page makes
it, for all at once who ask meanwhile.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from codaserve.configuration import ConfigurationError

WHOLE_SECONDS = 20.0
"""For a connection from its beginning to its end: request, answer and all; one that takes longer is cut off."""
MOST_CONNECTIONS = 64
"""At one time; one more takes the place of the eldest."""
LONGEST_BYTES = 16 * 1024
"""Of a request."""
LAST_SECONDS = 1.0
"""For answers that are being made when the port closes."""
_PLAIN = "text/plain; charset=utf-8"
_Answer = tuple[str, str, bytes]
"""Status, kind and body."""
_log = logging.getLogger(__name__)


class Endpoint:
    """A port and the threads that answer on it, from its making to `close`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        pages: Callable[[], bytes],
        live: Callable[[], str],
        ready: Callable[[], str],
    ) -> None:
        """Opens the port.

        Args:
            host: Address.
            port: Port; 0 takes a free one.
            pages: The metrics' text. Each of these three is called on a thread of its own.
            live: Why the server is stuck; empty while it is not.
            ready: Why it takes no work; empty while it does.

        Raises:
            ConfigurationError: It cannot be listened on.
        """
        self._pages: dict[str, Callable[[], _Answer]] = {
            "/metrics": lambda: ("200 OK", CONTENT_TYPE_LATEST, pages()),
            "/livez": lambda: _said(live()),
            "/readyz": lambda: _said(ready()),
        }
        self._making: dict[str, asyncio.Future[_Answer]] = {}
        self._open: dict[asyncio.Task[None], None] = {}
        self._makers = ThreadPoolExecutor(len(self._pages), thread_name_prefix="metrics")
        try:
            listening = socket.create_server((host, port), backlog=2 * MOST_CONNECTIONS)
        except OSError as error:
            raise ConfigurationError(f"metrics.port: cannot listen on {host}:{port}: {error}") from error
        self.address = f"{host}:{listening.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Closes the port; answers that are being made get a moment."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self, listening: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(listening))
        self._makers.shutdown(wait=False)

    async def _serve(self, listening: socket.socket) -> None:
        server = await asyncio.start_server(self._connection, sock=listening, limit=LONGEST_BYTES)
        await self._closing.wait()
        server.close()
        if self._open:
            await asyncio.wait(self._open, timeout=LAST_SECONDS)
        for making in self._making.values():
            making.cancel()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = None
        if len(self._open) > MOST_CONNECTIONS:
            eldest = next(iter(self._open))
            del self._open[eldest]
            eldest.cancel()
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                status, kind, body = await self._answer(await reader.readuntil(b"\r\n\r\n"))
                head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close"
                writer.write(f"{head}\r\n\r\n".encode() + body)
                writer.close()
                await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError) as error:
            _log.debug("connection cut off: %r", error)
        finally:
            self._open.pop(task, None)
            writer.transport.abort()

    async def _answer(self, request: bytes) -> _Answer:
        method, target, *_ = [*request.decode("latin-1").split(maxsplit=2), "", ""]
        path = target.partition("?")[0]
        if method != "GET":
            return "405 Method Not Allowed", _PLAIN, b"only GET\n"
        if path not in self._pages:
            return "404 Not Found", _PLAIN, b"there are /metrics, /livez and /readyz\n"
        making = self._making.get(path)
        if making is None or making.done():
            making = self._making[path] = self._loop.run_in_executor(self._makers, self._pages[path])
        try:
            return await asyncio.shield(making)
        except Exception:  # noqa: BLE001 - whatever it is, it is ours, and the port stays up
            _log.exception("no answer to %s", path)
            return "500 Internal Server Error", _PLAIN, b"the server's log has the reason\n"


def _said(complaint: str) -> _Answer:
    return "503 Service Unavailable" if complaint else "200 OK", _PLAIN, f"{complaint or 'ok'}\n".encode()


def page_of(registry: CollectorRegistry) -> bytes:
    """The text of a registry."""
    return generate_latest(registry)
