"""One slot: its template process and the control socket between it and the service."""

import asyncio
import contextlib
import dataclasses
import errno
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from scorer.kernel.layers import Layer
from scorer.sandbox.artifact import Artifact
from scorer.sandbox.errors import SandboxError
from scorer.sandbox.guest import boot, memory, orders
from scorer.sandbox.guest.setup import Setup
from scorer.sandbox.run import Limit, Request, Result

_PACKET = 1 << 16
_STREAMS = 3  # what a run writes: output, errors, channel
_START_SECONDS = 20.0
_STOP_SECONDS = 1.0
_ABORT_SECONDS = 2.0
_OPEN_FILES = 256  # what a run may have, too
_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",  # equal programs should get equal verdicts
    "PYTHONDONTWRITEBYTECODE": "1",
    "LD_BIND_NOW": "1",  # else every run finds the functions of libraries anew
}


class Slot:
    """Performs one run at a time; not usable again once a method has raised SandboxError."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket, grace_seconds: float) -> None:
        self._process = process
        self._control = control
        self._grace_seconds = grace_seconds
        self._readable: asyncio.Future[None] | None = None
        self.layers: list[Layer] = []
        self.python_version = ""
        self.several = False
        self.preloaded: list[str] = []

    @classmethod
    async def start(cls, python: Path | None, setup: Setup, grace_seconds: float) -> Self:
        """Starts the template and waits until its walls stand.

        Raises:
            SandboxError: It does not come up.
        """
        if 0 <= (most := resource.getrlimit(resource.RLIMIT_NOFILE)[0]) < _OPEN_FILES:
            raise SandboxError(
                f"processes may have {most} open files here; the sandbox needs {_OPEN_FILES} or more (ulimit -n, "
                "LimitNOFILE= of systemd, --ulimit nofile= of containers)"
            )
        interpreter = str(python or getattr(sys, "_base_executable", None) or sys.executable)
        try:
            # A pipe that nobody reads: Python asks once whether its output can seek, and a run's is a pipe.
            reader, writer = os.pipe()
            os.close(reader)
        except OSError as error:
            raise SandboxError(f"a slot cannot be started: {error}") from error
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            os.close(writer)
            raise SandboxError(f"a slot cannot be started: {error}") from error
        try:
            ours.setblocking(False)
            process = await asyncio.create_subprocess_exec(
                interpreter,
                *("-s", "-S", "-P", "-X", "utf8", boot.__file__, str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writer,
                stderr=writer,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except BaseException as error:
            ours.close()
            if not isinstance(error, OSError):
                raise
            if error.errno in _SHORTAGES:
                raise SandboxError(f"a slot cannot be started: {error}") from error
            raise SandboxError(
                f"{interpreter} cannot be started; code.sandbox.python names the interpreter to use ({error})"
            ) from error
        finally:
            theirs.close()
            os.close(writer)
        slot = cls(process, ours, grace_seconds)
        try:
            ours.send(json.dumps(dataclasses.asdict(setup)).encode())
            hello, _ = await slot._receive(_START_SECONDS)
        except BaseException as error:
            await slot.close()
            if not isinstance(error, (OSError, SandboxError)):
                raise
            raise SandboxError(
                f"{interpreter} does not start the sandbox; is it a Python interpreter? code.sandbox.python names "
                f"the one to use ({error})"
            ) from error
        slot.layers = [Layer(*fields) for fields in hello["layers"]]
        slot.python_version = hello["python"]
        slot.several = hello["several"]
        slot.preloaded = hello["preloaded"]
        return slot

    @property
    def pid(self) -> int:
        """Of the process that the service started; the template or its parent."""
        return self._process.pid

    def is_idle_and_alive(self) -> bool:
        """Whether the template still holds its end of the socket and says nothing unasked."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        return self._process.returncode is None and not poll.poll(0)

    async def run(self, request: Request) -> Result:
        """Performs a run. When the awaiting task is cancelled the run goes on until `abort`.

        Raises:
            SandboxError: The template died, failed or does not answer.
        """
        self._send(request)
        report, stores = await self._receive(request.limits.wall_seconds + self._grace_seconds)
        try:
            stdout, stderr, channel = (os.pread(store, os.fstat(store).st_size, 0) for store in stores[:_STREAMS])
        finally:
            for store in stores[:_STREAMS]:
                os.close(store)
        return Result(
            exit=report["exit"],
            limit=None if report["limit"] is None else Limit(report["limit"]),
            stdout=stdout,
            stderr=stderr,
            channel=channel,
            wall_seconds=report["wall"],
            cpu_seconds=report["cpu"],
            peak_memory_bytes=report["peak"],
            waited_seconds=report["waited"],
            artifact=Artifact(stores[_STREAMS]) if len(stores) > _STREAMS else None,
        )

    def _send(self, request: Request) -> None:
        limits = dict(vars(request.limits))
        content = {"payload": request.payload}
        if request.script is not None:
            content["script"] = request.script
        elif request.stdin is not None:
            content["stdin"] = request.stdin
        given = _all_sealed(content)
        own = list(given.values())
        if request.artifact is not None:
            given["artifact"] = request.artifact.fileno()
            limits["file_bytes"] += request.artifact.size  # what is put into the scratch folder takes nothing from it
        if request.files is not None:
            given["files"] = request.files.fileno()
            limits["file_bytes"] += request.files.space_bytes
        message = {
            "limits": limits,
            "given": list(given),
            "executes": request.executes,
            "collect": request.collect,
        }
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], list(given.values()))
        except OSError as error:
            raise SandboxError(f"the slot's process is gone: {error}") from error
        finally:
            for descriptor in own:
                os.close(descriptor)

    async def settle(self) -> None:
        """Returns when the template has cleaned up behind its last run. Raises SandboxError."""
        try:
            self._control.send(orders.SETTLED)
        except OSError as error:
            raise SandboxError(f"the slot's process is gone: {error}") from error
        await self._receive(self._grace_seconds)

    async def abort(self) -> None:
        """Ends the run that a cancelled `run` left behind. Raises SandboxError when the slot must be replaced."""
        try:
            self._control.send(b"{}")
        except OSError as error:
            raise SandboxError(f"the slot's process is gone: {error}") from error
        _, stores = await self._receive(_ABORT_SECONDS)  # of the run, which is over now
        for store in stores:
            os.close(store)

    async def close(self) -> None:
        """Ends the template and with it every process of the slot, and reaps it."""
        if self._readable is not None and not self._readable.done():
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._readable.set_exception(SandboxError("the slot was closed"))
        self._control.close()  # the template watches this and ends by itself
        for force in (None, signal.SIGTERM, signal.SIGKILL):  # a keeper, if there is one, ends its tree when terminated
            if force is not None:
                for number in (force, signal.SIGCONT):
                    with contextlib.suppress(ProcessLookupError):
                        self._process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), _STOP_SECONDS)
                return
        await self._process.wait()

    async def _receive(self, timeout: float) -> tuple[dict[str, Any], list[int]]:
        try:
            async with asyncio.timeout(timeout):
                await self._until_readable()
        except TimeoutError:
            raise SandboxError(f"the slot's process gave no answer for {timeout:g} s") from None
        try:
            packet, descriptors, flags, _ = socket.recv_fds(self._control, _PACKET, _STREAMS + 1)
        except OSError as error:
            raise SandboxError(f"the slot's process is gone: {error}") from error
        if flags & socket.MSG_CTRUNC:
            for descriptor in descriptors:
                os.close(descriptor)
            raise SandboxError("what a run left cannot be received: too many files are open")
        if not packet:
            raise SandboxError("the slot's process has ended")
        message: dict[str, Any] = json.loads(packet)
        if "fatal" in message:
            raise SandboxError(f"the slot's process failed: {message['fatal']}")
        return message, descriptors

    async def _until_readable(self) -> None:
        loop = asyncio.get_running_loop()
        self._readable = readable = loop.create_future()
        # By its number: of the socket itself the loop would make a text each time, its addresses included.
        descriptor = self._control.fileno()
        loop.add_reader(descriptor, lambda: None if readable.done() else readable.set_result(None))
        try:
            await readable
        finally:
            self._readable = None
            if self._control.fileno() >= 0:
                loop.remove_reader(descriptor)


def _all_sealed(contents: Mapping[str, bytes]) -> dict[str, int]:
    """A memory file of each. Raises SandboxError where the machine has no memory or descriptors for them."""
    made: dict[str, int] = {}
    try:
        for name, content in contents.items():
            descriptor = memory.filled(content)
            memory.seal(descriptor)
            made[name] = descriptor
    except OSError as error:
        for descriptor in made.values():
            os.close(descriptor)
        raise SandboxError(f"a run cannot be handed over: {error}") from error
    return made
