"""One run as its template sees it: fork, watch limits, drain output, end the whole tree, report."""

import contextlib
import errno
import json
import os
import select
import signal
import socket
import time
from dataclasses import dataclass

from scorer.sandbox.guest import child, descriptors, root
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.walls import Walls

_CPU_CHECK_SECONDS = 0.05


class RunFailedError(Exception):
    """The run could not be set up; nothing of the candidate was run."""


@dataclass
class Stream:
    """A pipe that a run writes to and the memory file that collects what it wrote, at most `bound` bytes and one."""

    pipe: int
    store: int
    bound: int
    size: int = 0
    open: bool = True

    def drain(self) -> bool:
        """Moves what is there without this process ever reading it; whether anything was moved."""
        room = self.bound + 1 - self.size
        if room <= 0:
            return False
        try:
            moved = os.splice(self.pipe, self.store, room)
        except BlockingIOError:
            return False
        self.size += moved
        self.open = moved > 0
        return self.open


def run(control: socket.socket, walled: Walls, limits: Limits, given: list[int]) -> None:
    """Performs a run and reports it.

    Raises:
        RunFailedError: The run could not be set up.
        OSError: The slot is no longer usable.
    """
    received = [descriptors.move_up(descriptor) for descriptor in given]
    if walled.private_files:
        uid = os.getuid() if walled.run_uid is None else walled.run_uid
        root.mount_scratch(limits.file_bytes, uid, os.getgid() if walled.run_uid is None else uid)
    pipes = [_pipe() for _ in range(4)]
    started = time.monotonic()
    template = os.getpid()
    pid = os.fork()
    if pid == 0:
        child.enter(walled, limits, template, received, [writer for _, writer in pipes])
    for descriptor in (*received, *(writer for _, writer in pipes)):
        os.close(descriptor)
    bounds = (limits.output_bytes, limits.output_bytes, limits.channel_bytes)
    streams = [
        Stream(reader, os.memfd_create("stream"), bound) for (reader, _), bound in zip(pipes[:3], bounds, strict=True)
    ]
    setup = pipes[3][0]
    try:
        limit = _Watch(control, pid, limits, streams, started).until_end()
        status, usage, wall = _end(walled, pid, started)
        for stream in streams:
            while stream.drain():
                pass
        limit = limit or _over(streams, limits)
        confirmation = os.read(setup, 1024)
        if confirmation != child.CONFINED and limit is None:
            raise RunFailedError(confirmation.decode(errors="replace") or f"the run ended early with status {status}")
        report = {"exit": status, "limit": limit, "wall": wall, "cpu": usage[0], "peak": usage[1]}
        stores = [stream.store for stream in streams]
        socket.send_fds(control, [json.dumps(report).encode()], stores)
    finally:
        for stream in streams:
            os.close(stream.pipe)
            os.close(stream.store)
        os.close(setup)
    if walled.private_files:
        root.unmount_scratch()


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    return reader, descriptors.move_up(writer)


def _over(streams: list[Stream], limits: Limits) -> str | None:
    if streams[0].size + streams[1].size > limits.output_bytes:
        return "output"
    return "channel" if streams[2].size > limits.channel_bytes else None


class _Watch:
    """Waits for the end of a run's first process, draining its streams, and ends it when it is over a limit."""

    def __init__(self, control: socket.socket, pid: int, limits: Limits, streams: list[Stream], started: float) -> None:
        self._control = control
        self._pid = pid
        self._limits = limits
        self._streams = {stream.pipe: stream for stream in streams}
        self._ordered = streams
        self._deadline = started + limits.wall_seconds
        self._clock = (~pid << 3) | 2  # CPUCLOCK_SCHED of the whole process, as clock_getcpuclockid(3) makes it

    def until_end(self) -> str | None:
        """Returns when the process has ended or was killed: the limit that it was over, if any."""
        process = os.pidfd_open(self._pid)
        poll = select.poll()
        for descriptor in (process, self._control.fileno(), *self._streams):
            poll.register(descriptor, select.POLLIN)
        try:
            while True:
                ready = dict(poll.poll(self._patience() * 1000))
                for descriptor in ready.keys() & self._streams.keys():
                    stream = self._streams[descriptor]
                    stream.drain()
                    if not stream.open:
                        poll.unregister(descriptor)
                over = _over(self._ordered, self._limits) or self._late(ready)
                if over is not None:
                    signal.pidfd_send_signal(process, signal.SIGKILL)
                    return over
                if process in ready:
                    return None
        finally:
            os.close(process)

    def _patience(self) -> float:
        wall = self._deadline - time.monotonic()
        cpu = self._limits.cpu_seconds - self._cpu()
        return max(0.0, min(wall, max(cpu, _CPU_CHECK_SECONDS)))

    def _late(self, ready: dict[int, int]) -> str | None:
        if self._control.fileno() in ready:
            self._control.recv(1)
            return "aborted"
        if self._cpu() >= self._limits.cpu_seconds:
            return "cpu"
        return "wall" if time.monotonic() >= self._deadline else None

    def _cpu(self) -> float:
        try:
            return time.clock_gettime(self._clock)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ESRCH):
                return 0.0  # a process that has ended uses no more
            raise


def _end(walled: Walls, pid: int, started: float) -> tuple[int, tuple[float, int], float]:
    """Reaps the run with everything it started: exit status, processor seconds and peak memory, elapsed seconds."""
    _, status, used = os.wait4(pid, 0)
    wall = time.monotonic() - started
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss
    while True:
        if walled.private_pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # as pid 1: everything else in the namespace
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return os.waitstatus_to_exitcode(status), (cpu, peak * 1024), wall
        cpu += used.ru_utime + used.ru_stime
        peak = max(peak, used.ru_maxrss)
