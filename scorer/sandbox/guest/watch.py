"""Waiting for the end of a run: its limits, what it writes, and the service's wish to end it."""

import os
import select
import signal
import socket
import time
from dataclasses import dataclass

from scorer.sandbox.guest.held import Held
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.guest.scratch import Scratch
from scorer.sandbox.guest.usage import LOOK_SECONDS, Usage

_QUIET_SECONDS = 0.01
TOLD_SECONDS = 0.1
"""Of a run that takes longer it is told how long it was kept from a processor."""


@dataclass
class Stream:
    """A pipe or socket that a run writes to and the memory file that collects what it wrote.

    Attributes:
        pipe: What it writes to.
        store: The memory file.
        bound: The most bytes; one more is collected.
        through: A pipe that a socket's bytes go through, since they can be spliced only into pipes.
    """

    pipe: int
    store: int
    bound: int
    through: tuple[int, int] | None = None
    size: int = 0
    open: bool = True

    def drain(self) -> bool:
        """Moves what is there without this process ever reading it; whether anything was moved."""
        room = self.bound + 1 - self.size
        if room <= 0:
            return False
        try:
            moved = os.splice(self.pipe, self.store if self.through is None else self.through[1], room)
        except BlockingIOError:
            return False
        if self.through is not None:
            left = moved
            while left:
                left -= os.splice(self.through[0], self.store, left)
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
        self,
        control: socket.socket,
        pids: list[int],
        limits: Limits,
        streams: list[Stream],
        started: float,
        usage: Usage,
        scratch: Scratch | None,
        held: Held | None,
    ) -> None:
        """Args:
        control: The socket to the service; what arrives there ends the run.
        pids: The first processes of the run.
        limits: What they may use.
        streams: Standard output, standard error and channel.
        started: When the run began, on the monotonic clock.
        usage: What they use.
        scratch: The run's folder where nothing else bounds how many files are in it.
        held: What they hold in memory where nothing else bounds it.
        """
        self._control = control
        self._pids = pids
        self._limits = limits
        self._streams = {stream.pipe: stream for stream in streams}
        self._ordered = streams
        self._started = started
        self._deadline = started + limits.wall_seconds
        self._usage = usage
        self._scratch = scratch
        self._held = held
        self._looks = limits.several or usage.counts or scratch is not None or held is not None
        self._too_much = False
        self.waited_seconds = 0.0
        """How long the run was kept from a processor, if it reached its elapsed time or TOLD_SECONDS."""

    def until_end(self) -> str | None:
        """Returns when the first process has ended or all were killed: the limit that they were over, if any."""
        processes = [os.pidfd_open(pid) for pid in self._pids]
        poll = select.poll()
        for descriptor in (processes[0], self._control.fileno()):
            poll.register(descriptor, select.POLLIN)
        try:
            # Most runs are over soon, having written no more than a pipe holds.
            at_once = dict(poll.poll(min(_QUIET_SECONDS, self._patience()) * 1000))
            if at_once.keys() == {processes[0]}:
                return None
            for descriptor in self._streams:
                poll.register(descriptor, select.POLLIN)
            while True:
                ready = dict(poll.poll(self._patience() * 1000))
                for descriptor in ready.keys() & self._streams.keys():
                    stream = self._streams[descriptor]
                    stream.drain()
                    if not stream.open:
                        poll.unregister(descriptor)
                if self._looks and self._usage.look() and self._held is not None:
                    self._too_much = self._held.is_over(self._usage.seen)
                limit = over(self._ordered, self._limits) or self._late(ready)
                if limit is not None:
                    self._tell_what_it_waited()
                    for process in processes:
                        signal.pidfd_send_signal(process, signal.SIGKILL)
                    return limit
                if processes[0] in ready:
                    self._tell_what_it_waited()
                    return None
        finally:
            for process in processes:
                os.close(process)

    def _tell_what_it_waited(self) -> None:
        if time.monotonic() >= min(self._deadline, self._started + TOLD_SECONDS):
            self.waited_seconds = self._usage.waited_seconds()

    def _patience(self) -> float:
        wall = self._deadline - time.monotonic()
        cpu = self._limits.cpu_seconds - self._usage.cpu_seconds()
        return max(0.0, min(wall, self._usage.until_look() if self._looks else max(cpu, LOOK_SECONDS)))

    def _late(self, ready: dict[int, int]) -> str | None:
        if self._control.fileno() in ready:
            self._control.recv(1)
            return "aborted"
        if self._usage.cpu_seconds() >= self._limits.cpu_seconds:
            return "cpu"
        if self._usage.too_many:
            return "processes"
        if self._too_much:
            return "memory"
        if self._scratch is not None and self._scratch.is_over(self._limits.file_bytes):
            return "files"
        return "wall" if time.monotonic() >= self._deadline else None
