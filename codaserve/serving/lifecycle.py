"""From listening to drained: the life of a server process."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial

import grpc
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from codaserve import tracing
from codaserve.serving.access.certificates import Certificates
from codaserve.serving.access.exposure import refuse_open, refuse_open_metrics
from codaserve.serving.access.gate import Gate
from codaserve.serving.announcement import announce
from codaserve.serving.boundary import Boundary
from codaserve.serving.endpoint import Endpoint, page_of
from codaserve.serving.healths import Healths
from codaserve.serving.metrics import REGISTRY
from codaserve.serving.readiness import Readiness
from codaserve.serving.settings import ServerSettings
from codaserve.serving.stop import StopRequest
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
    obstacle: Callable[[], str] = lambda: "",
) -> int:
    """Serves until SIGTERM, SIGINT or, with `exit_with_parent`, the end of standard input; then drains.

    Draining: readiness turns to NOT_SERVING, `on_drain` runs, answers are written out, the port closes. The port stays
    open meanwhile, so that health checks and refusals are answered. A second signal ends the draining at once.

    Args:
        name: The program, for messages.
        register: Adds the services to the server.
        settings: Where to listen.
        on_drain: Makes the service refuse new work (UNAVAILABLE) and returns when the work it holds is done. Cancelled
            after `drain_seconds`.
        service_names: Full names of the services, for health and reflection.
        obstacle: Why the service takes no work now, in words that stay the same while the reason does; empty while it
            does. Asked several times a second.

    Returns:
        The exit status, 0.

    Raises:
        ConfigurationError: The address cannot be listened on or would be open to everybody, a file of tokens or
            certificates cannot be used, `address_file` cannot be written, or `exit_with_parent` is set and standard
            input is not a pipe.
    """
    locked = settings.tokens is not None or settings.tls.on
    refuse_open(settings.host, locked=locked, allowed=settings.insecure_public)
    if settings.metrics.port is not None:
        allowed = settings.insecure_public or settings.metrics.insecure_public
        refuse_open_metrics(settings.metrics.host, allowed=allowed)
    tracing.configure(f"codaserve-{name}", settings.traces)
    certified = settings.tls.client_ca is not None
    boundary = Boundary(
        Gate(settings.tokens), certified=certified, log=settings.log.requests, max_calls=settings.max_calls
    )
    server = grpc.aio.server(interceptors=[boundary], options=_options(settings))
    register(server)
    reflection.enable_server_reflection([*service_names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    readiness = Readiness(Healths(server), service_names, obstacle)
    address = _bind(server, settings)
    stop = StopRequest()
    async with AsyncExitStack() as stack:
        stack.callback(stop.unwatch)
        stop.watch(stdin=settings.exit_with_parent)
        if settings.metrics.port is not None:
            endpoint = Endpoint(
                settings.metrics.host,
                settings.metrics.port,
                pages=partial(page_of, REGISTRY),
                live=readiness.live,
                ready=readiness.ready,
            )
            stack.push_async_callback(asyncio.to_thread, endpoint.close)  # a probe may be waiting for this loop
            announce(f"{name} metrics", endpoint.address, settings.metrics.address_file)
        stack.push_async_callback(server.stop, LAST_WRITES_SECONDS)
        await server.start()
        readiness.start()
        following = asyncio.create_task(readiness.follow(), name="readiness")
        stack.callback(following.cancel)
        announce(name, address, settings.address_file)
        await stop.wait()
        print(f"{name} stopping: finishing what is running", file=sys.stderr, flush=True)
        readiness.drain()
        await _drain(on_drain, settings.drain_seconds, stop)
    return 0


def _options(settings: ServerSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", int(settings.shares_port)),  # else a second server must fail, not take half of the calls
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


async def _drain(on_drain: Callable[[], Awaitable[None]], seconds: float, stop: StopRequest) -> None:
    work = asyncio.ensure_future(on_drain())
    again = asyncio.ensure_future(stop.wait_again())
    try:
        await asyncio.wait({work, again}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        again.cancel()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
