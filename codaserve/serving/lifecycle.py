"""From listening to drained: the life of a server process."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from codaserve.files import write_atomically
from codaserve.serving.access.certificates import Certificates
from codaserve.serving.access.exposure import refuse_open
from codaserve.serving.access.gate import Gate
from codaserve.serving.boundary import Boundary
from codaserve.serving.settings import ServerSettings
from codaserve.settings import ConfigurationError

LAST_WRITES_SECONDS = 2.0
"""After draining: time for finished answers to reach their clients. Streams that are still open then are cut."""


async def serve(
    name: str,
    register: Callable[[grpc.aio.Server], None],
    settings: ServerSettings,
    *,
    on_drain: Callable[[], Awaitable[None]],
    service_names: Sequence[str],
) -> int:
    """Serves until SIGTERM, SIGINT or, with `exit_with_parent`, the end of standard input; then drains.

    Draining: health turns to NOT_SERVING, `on_drain` runs, answers are written out, the port closes. The port stays
    open meanwhile, so that health checks and refusals are answered. A second signal ends the draining at once.

    Args:
        name: The program, for messages.
        register: Adds the services to the server.
        settings: Where to listen.
        on_drain: Makes the service refuse new work (UNAVAILABLE) and returns when the work it holds is done. Cancelled
            after `drain_seconds`.
        service_names: Full names of the services, for health and reflection.

    Returns:
        The exit status, 0.

    Raises:
        ConfigurationError: The address cannot be listened on or would be open to everybody, a file of tokens or
            certificates cannot be used, `address_file` cannot be written, or `exit_with_parent` is set and standard
            input is not a pipe.
    """
    locked = settings.tokens is not None or settings.tls.on
    refuse_open(settings.host, locked=locked, allowed=settings.insecure_public)
    server = grpc.aio.server(interceptors=[Boundary(Gate(settings.tokens))], options=_options(settings))
    register(server)
    healths = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healths, server)
    reflection.enable_server_reflection([*service_names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    address = _bind(server, settings)
    stop = _StopRequest()
    try:
        stop.watch(stdin=settings.exit_with_parent)
        await server.start()
        for service in ["", *service_names]:
            await healths.set(service, health_pb2.HealthCheckResponse.SERVING)
        _announce(name, address, settings)
        await stop.wait()
        print(f"{name} stopping: finishing what is running", file=sys.stderr, flush=True)
        await healths.enter_graceful_shutdown()
        await _drain(on_drain, settings.drain_seconds, stop)
        return 0
    finally:
        await server.stop(LAST_WRITES_SECONDS)
        stop.unwatch()


def _options(settings: ServerSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),  # a second server on the port must fail, not share its calls
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        # Find clients that vanished without closing, so that their work stops; and let clients look for us likewise.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ]


def _bind(server: grpc.aio.Server, settings: ServerSettings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    credentials = Certificates(settings.tls).credentials() if settings.tls.on else None
    try:
        if credentials is None:
            port = server.add_insecure_port(f"{host}:{settings.port}")
        else:
            port = server.add_secure_port(f"{host}:{settings.port}", credentials)
    except RuntimeError as error:
        raise ConfigurationError(
            f"port: cannot listen on {host}:{settings.port}; another program may have the port (port 0 takes a free "
            f"one), the host is not this machine's, or certificate and key do not fit ({error})"
        ) from error
    return f"{host}:{port}"


def _announce(name: str, address: str, settings: ServerSettings) -> None:
    if settings.address_file is not None:
        try:
            write_atomically(settings.address_file, address + "\n")
        except OSError as error:
            raise ConfigurationError(f"address_file: cannot be written: {error}") from error
    print(f"{name} listening on {address}", file=sys.stderr, flush=True)


async def _drain(on_drain: Callable[[], Awaitable[None]], seconds: float, stop: "_StopRequest") -> None:
    work = asyncio.ensure_future(on_drain())
    again = asyncio.ensure_future(stop.wait_again())
    try:
        await asyncio.wait({work, again}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        again.cancel()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


class _StopRequest:
    """Counts signals, and the end of standard input as one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._first = asyncio.Event()
        self._second = asyncio.Event()
        self._stdin = -1

    def watch(self, *, stdin: bool) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_request)
        if stdin:
            try:
                self._stdin = sys.stdin.fileno()
                self._loop.add_reader(self._stdin, self._on_stdin)
            except (AttributeError, OSError, ValueError) as error:
                raise ConfigurationError(
                    "exit_with_parent: standard input must be a pipe that the parent holds"
                ) from error

    def unwatch(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.remove_signal_handler(number)
        if self._stdin >= 0:
            self._loop.remove_reader(self._stdin)

    async def wait(self) -> None:
        await self._first.wait()

    async def wait_again(self) -> None:
        await self._second.wait()

    def _on_request(self) -> None:
        if self._first.is_set():
            self._second.set()
        self._first.set()

    def _on_stdin(self) -> None:
        if not os.read(self._stdin, 4096):
            self._loop.remove_reader(self._stdin)
            self._first.set()
