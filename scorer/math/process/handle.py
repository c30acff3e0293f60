"""One worker as the service sees it: sends its job, collects its reply, reads its clock, kills it."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from scorer.math.process import wire
from scorer.math.process.template import Process
from scorer.math.process.wire import Reply

_CHUNK = 1 << 16


class WorkerCrashed(Exception):  # noqa: N818
    """A worker ended in the middle of a job, killed by nobody here, or answered nonsense."""


class Worker:
    """A worker process with at most one job."""

    def __init__(self, process: Process, on_lost: "Callable[[Worker], None]") -> None:
        """`on_lost` is called when the process ends while it has no job."""
        self._process = process
        self._on_lost = on_lost
        self._clock = (~process.pid << 3) | 2  # CPUCLOCK_SCHED of the whole process, as clock_getcpuclockid(3) makes it
        self._loop = asyncio.get_running_loop()
        self._reply: asyncio.Future[Reply] | None = None
        self._received = bytearray()
        self._unsent = b""
        self._dead = False
        self._loop.add_reader(process.jobs, self._read)

    def begin(self, message: bytes) -> "asyncio.Future[Reply]":
        """Gives the worker a job, as `wire.encode_job` has it.

        Returns:
            Its reply, or WorkerCrashed as exception. Whoever stops waiting kills the worker.
        """
        self._reply = self._loop.create_future()
        self._unsent = message
        self._write()
        return self._reply

    def cpu_seconds(self) -> float:
        """Processor time of the worker's whole life; that of an ended one is infinite, which ends all waiting."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return float("inf")

    @property
    def alive(self) -> bool:
        """Whether it was neither killed nor found to have ended."""
        return not self._dead

    def kill(self) -> None:
        """Kills the process, whatever it is doing. The kernel reaps it. Twice is harmless."""
        if self._dead:
            return
        self._dead = True
        self._loop.remove_reader(self._process.jobs)
        self._loop.remove_writer(self._process.jobs)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process.handle, signal.SIGKILL)
        os.close(self._process.handle)
        self._process.jobs.close()
        self._crashed("it was killed")

    def _write(self) -> None:
        try:
            sent = self._process.jobs.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._crashed(str(error))
            return
        self._unsent = self._unsent[sent:]
        if self._unsent:
            self._loop.add_writer(self._process.jobs, self._write)
        else:
            self._loop.remove_writer(self._process.jobs)

    def _read(self) -> None:
        try:
            data = self._process.jobs.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(str(error))
            return
        if not data:
            self._lost("it is gone")
            return
        self._received += data
        length = int.from_bytes(self._received[: wire.HEADER], "big")
        if length > wire.MAX_REPLY:
            self._crashed("its reply is too long")
        elif len(self._received) >= wire.HEADER + length:
            body = bytes(self._received[wire.HEADER :])
            self._received.clear()
            self._finish(body)

    def _finish(self, body: bytes) -> None:
        if self._reply is None or self._reply.done():
            return
        try:
            self._reply.set_result(wire.decode_reply(body))
        except ValueError as error:
            self._crashed(str(error))

    def _lost(self, reason: str) -> None:
        self._loop.remove_reader(self._process.jobs)
        if self._reply is not None and not self._reply.done():
            self._crashed(reason)
        else:
            self._on_lost(self)

    def _crashed(self, reason: str) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(WorkerCrashed(reason))
