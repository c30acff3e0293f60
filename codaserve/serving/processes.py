"""Several server processes on one port: the kernel hands each new connection to one of them (SO_REUSEPORT).

One process parses and answers on one core. The parent serves nothing itself: it holds the port's number, starts the
processes, starts one again that ends, ends one that hangs, passes signals on, and adds up what they count for one
metrics endpoint.
"""

import asyncio
import contextlib
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import yaml

from codaserve.serving.access.exposure import refuse_open, refuse_open_metrics
from codaserve.serving.announcement import announce
from codaserve.serving.endpoint import Endpoint
from codaserve.serving.metrics import PROCESS_RESTARTS
from codaserve.serving.settings import ServerSettings
from codaserve.serving.stop import StopRequest
from codaserve.serving.total import Total
from codaserve.serving.vigil import Vigil
from codaserve.settings import ConfigurationError

RESTART_SECONDS = (0.1, 5.0)
"""Pause before a process that ended is started again: the first, and the longest."""
LONG_ENOUGH = 60.0
"""Seconds after which a process counts as having worked."""
USAGE = 2
"""Exit status of a process whose configuration cannot be used: starting it again cannot help."""
AFTER_DRAIN_SECONDS = 10.0
_REASONS = ("ended", "hung")
_log = logging.getLogger(__name__)


class Processes:
    """Runs the server processes of one configuration."""

    def __init__(self, program: str, settings: ServerSettings, parts: Sequence[ServerSettings]) -> None:
        """Args:
        program: The command after `codaserve` that each process is.
        settings: Of all of them together: where to listen, the metrics' port.
        parts: Of each process; where it listens is filled in here.
        """
        self._program = program
        self._settings = settings
        self._parts = parts
        self._children: dict[int, asyncio.subprocess.Process] = {}
        self._status = 0
        self._total = Total()
        self._vigil = Vigil()
        for reason in _REASONS:
            PROCESS_RESTARTS.labels(reason)  # from 0, which only the parent tells

    async def run(self) -> int:
        """Serves until SIGTERM, SIGINT or, with `exit_with_parent`, the end of standard input; returns the exit status.

        Raises:
            ConfigurationError: The address cannot be listened on or would be open to everybody, or a file that tells
                it cannot be written.
        """
        settings = self._settings
        locked = settings.tokens is not None or settings.tls.on
        refuse_open(settings.host, locked=locked, allowed=settings.insecure_public)
        if settings.metrics.port is not None:
            allowed = settings.insecure_public or settings.metrics.insecure_public
            refuse_open_metrics(settings.metrics.host, allowed=allowed)
        stop = StopRequest()
        async with contextlib.AsyncExitStack() as stack:
            held, port = _reserve(settings)
            stack.callback(held.close)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codaserve-")))
            stack.callback(stop.unwatch)
            stop.watch(stdin=settings.exit_with_parent)
            keepers = [
                asyncio.create_task(self._keep(index, self._command(index, port, folder), folder, stop))
                for index in range(len(self._parts))
            ]
            try:
                if settings.metrics.port is not None:
                    endpoint = Endpoint(
                        settings.metrics.host,
                        settings.metrics.port,
                        pages=lambda: self._total.page(self._answering(folder)),
                        live=lambda: "" if self._answering(folder) else "no server process answers",
                        ready=lambda: (
                            "" if self._total.ready(self._answering(folder)) else "no server process takes work"
                        ),
                    )
                    stack.push_async_callback(asyncio.to_thread, endpoint.close)
                    announce(f"{self._program} metrics", endpoint.address, settings.metrics.address_file)
                if await self._listening(folder, stop):
                    host = f"[{settings.host}]" if ":" in settings.host else settings.host
                    announce(self._program, f"{host}:{port}", settings.address_file)
                    await stop.wait()
            finally:
                await self._end(keepers, stop)
        return self._status

    def _answering(self, folder: Path) -> dict[int, Path]:
        """Where each process that may answer writes its endpoint's address."""
        return {index: _endpoint(folder, index) for index in range(len(self._parts)) if self._vigil.answers(index)}

    def _command(self, index: int, port: int, folder: Path) -> list[str]:
        """A process's command line. What it is to know stands in a file: the environment is the parent's."""
        values = self._parts[index].model_dump(mode="json")
        values.update(
            port=port,
            processes=1,
            shares_port=True,
            exit_with_parent=True,
            address_file=str(folder / f"address-{index}"),
            metrics={"host": "127.0.0.1", "port": 0, "address_file": str(_endpoint(folder, index))},
        )
        file = folder / f"{self._program}-{index}.yaml"
        file.write_text(yaml.safe_dump(values), encoding="utf-8")
        return [sys.executable, "-m", "codaserve.cli.main", self._program, "--config", str(file)]

    async def _keep(self, index: int, command: list[str], folder: Path, stop: StopRequest) -> None:
        prefix = str(self._settings.model_config.get("env_prefix") or "").upper()
        environment = {key: value for key, value in os.environ.items() if not key.upper().startswith(prefix)}
        loop = asyncio.get_running_loop()
        pause = RESTART_SECONDS[0]
        while not stop.requested:
            begun = loop.time()
            endpoint = _endpoint(folder, index)
            endpoint.unlink(missing_ok=True)  # of the one before
            child = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, env=environment, process_group=0
            )
            self._children[index] = child
            vigil = asyncio.create_task(self._vigil.keep(index, endpoint, partial(_kill, child)))
            status = await child.wait()
            reason = _REASONS[vigil.done()]  # it is over only when it has killed
            vigil.cancel()
            del self._children[index]
            self._total.ended(index)
            if stop.requested:
                return
            if status == USAGE:
                self._status = USAGE
                stop.request()
                return
            if loop.time() - begun >= LONG_ENOUGH:
                pause = RESTART_SECONDS[0]
            PROCESS_RESTARTS.labels(reason).inc()
            _log.error("server process %d ended with status %d and is started again", index, status)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(2 * pause, RESTART_SECONDS[1])

    async def _listening(self, folder: Path, stop: StopRequest) -> bool:
        """Returns when every process has told its address; false when it came to a stop before."""
        while not stop.requested:
            if all((folder / f"address-{index}").exists() for index in range(len(self._parts))):
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.05)
        return False

    async def _end(self, keepers: Sequence["asyncio.Task[None]"], stop: StopRequest) -> None:
        stop.request()
        self._each(lambda child: child.terminate())
        again = asyncio.create_task(stop.wait_again())
        ended = asyncio.create_task(_all(keepers))
        seconds = self._settings.drain_seconds + AFTER_DRAIN_SECONDS
        waited_for: set[asyncio.Task[None]] = {again, ended}
        await asyncio.wait(waited_for, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            # Told twice: they drain no longer. A process that does not end by then hangs.
            self._each(lambda child: child.terminate())
            await asyncio.wait({ended}, timeout=AFTER_DRAIN_SECONDS)
            self._each(lambda child: child.kill())
        again.cancel()
        await ended

    def _each(self, action: Callable[[asyncio.subprocess.Process], None]) -> None:
        for child in list(self._children.values()):
            with contextlib.suppress(ProcessLookupError):
                action(child)


def _endpoint(folder: Path, index: int) -> Path:
    """Where a process writes its endpoint's address."""
    return folder / f"metrics-{index}"


def _kill(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.kill()


async def _all(tasks: Sequence["asyncio.Task[None]"]) -> None:
    await asyncio.gather(*tasks)


def _reserve(settings: ServerSettings) -> tuple[socket.socket, int]:
    """A socket that holds the port without listening, and the port."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as alone:  # fails where anybody else listens, servers of ours included
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(place)
        held = socket.socket(family, kind)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(place)
    except OSError as error:
        raise ConfigurationError(
            f"port: cannot listen on {settings.host}:{settings.port}; another program may have the port (port 0 takes "
            f"a free one), or the host is not this machine's ({error})"
        ) from error
    return held, held.getsockname()[1]
