"""The life of the HTTP port: it opens before gRPC's and closes after it, so that refusals are told while a server
drains."""

import asyncio
import contextlib
import resource
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from codaserve.files import write_atomically
from codaserve.serving.access.exposure import refuse_open
from codaserve.serving.access.gate import Gate
from codaserve.serving.http.app import Application
from codaserve.serving.http.openapi import described
from codaserve.serving.http.route import Route
from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.http.tls import Encryption
from codaserve.serving.settings import ServerSettings
from codaserve.settings import ConfigurationError

LAST_WRITES_SECONDS = 2
"""Time for finished answers to reach their clients. Connections that are still open then are cut."""
LAST_WORDS_SECONDS = 0.5
"""Time to tell what was cut short that it was."""
OTHER_FILES = 512
"""Open files that a server may need beside its connections over HTTP."""
KEEP_ALIVE_SECONDS = 15
"""How long a connection without a request stays open."""


@asynccontextmanager
async def http_served(
    name: str, routes: Sequence[Route[Any]], settings: HttpSettings, server: ServerSettings
) -> AsyncIterator[str | None]:
    """Serves HTTP while the block runs, in the running loop; does nothing when there is no port in the settings.

    Gives the address that is listened on, `host:port`; None when there is none.

    Args:
        name: The program, for messages.
        routes: What it answers; a description of them is added.
        settings: Where to listen.
        server: Who is let in, as over gRPC.

    Raises:
        ConfigurationError: The address cannot be listened on or would be open to everybody, a file of tokens or
            certificates cannot be used, `address_file` cannot be written, there may not be as many open files as it has
            connections, or what the port needs is not installed.
    """
    if settings.port is None:
        yield None
        return
    try:
        import uvicorn

        from codaserve.serving.http.connection import Connection
    except ImportError as error:
        raise ConfigurationError(f"http.port: needs pip install 'codaserve[http]' ({error})") from error

    class Server(uvicorn.Server):
        """Leaves signals to the program, and says when it listens."""

        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            self.listening = asyncio.Event()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.listening.set()

    locked = server.tokens is not None or server.tls.on
    refuse_open(settings.host, locked=locked, allowed=server.insecure_public)
    application = Application(
        described(f"codaserve {name}", routes), settings, Gate(server.tokens), log=server.log.requests
    )
    encrypted: dict[str, Any] = {}
    if server.tls.on:
        encryption = Encryption(server.tls)
        encrypted = {"ssl_certfile": server.tls.certificate, "ssl_context_factory": lambda *_: encryption.context}
    _make_room(settings.max_connections)
    bound, address = _bind(settings, shared=server.shares_port)
    listener = Server(
        uvicorn.Config(
            application,
            http=type("BoundConnection", (Connection,), {"settings": settings}),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,  # who may say where a request comes from would have to be configured
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=LAST_WRITES_SECONDS,
            **encrypted,
        )
    )
    serving = asyncio.ensure_future(listener.serve([bound]))
    try:
        listening = asyncio.ensure_future(listener.listening.wait())
        await asyncio.wait({serving, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if serving.done():
            serving.result()
        _announce(name, address, settings)
        yield address
    finally:
        listener.should_exit = True
        await _ended(serving)
        if cancelled := list(listener.server_state.tasks):
            await asyncio.wait(cancelled, timeout=LAST_WORDS_SECONDS)
        for connection in list(listener.server_state.connections):
            connection.transport.abort()


async def _ended(serving: "asyncio.Future[Any]") -> None:
    """Waits for the end, however often this task is told to go: the wait is bounded."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait({serving})
    if not serving.done():
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def _make_room(connections: int) -> None:
    """Lets this process have enough open files for its connections and for all else that it does."""
    needed = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ConfigurationError(
            f"http.max_connections: {connections} connections need {needed} open files, and this process may have "
            f"{hard} (ulimit -Hn); lower the one or raise the other"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _bind(settings: HttpSettings, *, shared: bool) -> tuple[socket.socket, str]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    bound = None
    try:
        family, kind, _, _, place = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if shared else socket.SO_REUSEADDR, 1)
        bound.bind(place)
    except OSError as error:
        if bound is not None:
            bound.close()
        raise ConfigurationError(
            f"http.port: cannot listen on {host}:{settings.port}; another program may have the port (port 0 takes a "
            f"free one), or the host is not this machine's ({error})"
        ) from error
    return bound, f"{host}:{bound.getsockname()[1]}"


def _announce(name: str, address: str, settings: HttpSettings) -> None:
    if settings.address_file is not None:
        try:
            write_atomically(settings.address_file, address + "\n")
        except OSError as error:
            raise ConfigurationError(f"http.address_file: cannot be written: {error}") from error
    print(f"{name} answers HTTP on {address}", file=sys.stderr, flush=True)
