"""Waiting for the end of a run: its limits, what it writes, and the service's wish to end it."""

import errno
import os
import select
import signal
import socket
import time
from dataclasses import dataclass

from scorer.sandbox.guest.limits import Limits

_CPU_CHECK_SECONDS = 0.05


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


def over(streams: list[Stream], limits: Limits) -> str | None:
    """The limit that standard output, standard error and channel, in this order, are over."""
    if streams[0].size + streams[1].size > limits.output_bytes:
        return "output"
    return "channel" if streams[2].size > limits.channel_bytes else None


class Watch:
    """Waits for the end of a run's first process, draining its streams; ends all when they are over a limit."""

    def __init__(
        self, control: socket.socket, pids: list[int], limits: Limits, streams: list[Stream], started: float
    ) -> None:
        self._control = control
        self._pids = pids
        self._limits = limits
        self._streams = {stream.pipe: stream for stream in streams}
        self._ordered = streams
        self._deadline = started + limits.wall_seconds
        # CPUCLOCK_SCHED of the whole process, as clock_getcpuclockid(3) makes it.
        self._clocks = [(~pid << 3) | 2 for pid in pids]

    def until_end(self) -> str | None:
        """Returns when the first process has ended or all were killed: the limit that they were over, if any."""
        processes = [os.pidfd_open(pid) for pid in self._pids]
        poll = select.poll()
        for descriptor in (processes[0], self._control.fileno(), *self._streams):
            poll.register(descriptor, select.POLLIN)
        try:
            while True:
                ready = dict(poll.poll(self._patience() * 1000))
                for descriptor in ready.keys() & self._streams.keys():
                    stream = self._streams[descriptor]
                    stream.drain()
                    if not stream.open:
                        poll.unregister(descriptor)
                limit = over(self._ordered, self._limits) or self._late(ready)
                if limit is not None:
                    for process in processes:
                        signal.pidfd_send_signal(process, signal.SIGKILL)
                    return limit
                if processes[0] in ready:
                    return None
        finally:
            for process in processes:
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
        return sum(map(_used, self._clocks))


def _used(clock: int) -> float:
    try:
        return time.clock_gettime(clock)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ESRCH):
            return 0.0  # a process that has ended uses no more
        raise
