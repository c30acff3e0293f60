"""The service's side of the template process: starts it, has workers forked, ends it."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass

from scorer.kernel.layers import Layer

PROGRAM = "scorer.math.process.main"
"""The module that is run."""
START_SECONDS = 120.0
"""Importing sympy takes a second; a machine that is busy may need many."""
FORK_SECONDS = 30.0
"""A fork takes 2 ms; past this the template is taken for dead."""
END_SECONDS = 5.0


@dataclass(frozen=True)
class Process:
    """A running worker."""

    jobs: socket.socket
    """Where jobs go in and replies come out; not blocking."""
    pid: int
    handle: int
    """A pidfd: names this very process even when its id is used again."""


class Template:
    """A process that has the libraries imported, from which workers are forked."""

    def __init__(self, popen: "subprocess.Popen[bytes]", control: socket.socket) -> None:
        self._popen = popen
        self._control = control
        self.layers: tuple[Layer, ...] = ()
        """The walls of its workers; known when it has started."""

    @classmethod
    async def start(cls, memory_bytes: int) -> "Template":
        """Starts a template whose workers may take `memory_bytes` on top of what they have when idle.

        Raises:
            OSError: It did not start.
        """
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            popen = subprocess.Popen(  # noqa: ASYNC220 - takes a millisecond, and its pipes are not used
                [sys.executable, "-m", PROGRAM, str(theirs.fileno()), str(memory_bytes)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(),
            )
        control.setblocking(False)
        template = cls(popen, control)
        try:
            async with asyncio.timeout(START_SECONDS):
                hello = await asyncio.get_running_loop().sock_recv(control, 1 << 16)
            if not hello:
                raise OSError("the template process of the math workers ended while starting")
            template.layers = tuple(Layer(*layer) for layer in json.loads(hello))
        except BaseException:
            await template.end()
            raise
        return template

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    async def fork(self) -> Process:
        """A new worker. One call at a time; a template whose call did not return normally is to be ended.

        Raises:
            OSError: The template is gone or does not answer.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                socket.send_fds(self._control, [b"fork"], [theirs.fileno()])
            async with asyncio.timeout(FORK_SECONDS):
                reply = await asyncio.get_running_loop().sock_recv(self._control, 64)
            if not reply:
                raise OSError("the template process of the math workers is gone")
            ours.setblocking(False)
            return Process(ours, int(reply), os.pidfd_open(int(reply)))
        except BaseException:
            ours.close()
            raise

    async def end(self) -> None:
        """Ends the template, and with it every worker; returns when the template is reaped."""
        self._control.close()
        try:
            await asyncio.to_thread(self._popen.wait, END_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            await asyncio.to_thread(self._popen.wait)


def _environment() -> dict[str, str]:
    """What the interpreter needs to find its libraries, and nothing else of the service's environment."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")}
    return kept | {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
