"""What the processes of a run use together while it goes on."""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH208
import contextlib
import errno
import itertools
import os
import resource
import signal
import time
from collections.abc import Iterator

from scorer.sandbox.guest import domain
from scorer.sandbox.guest.cgroups import Cgroup
from scorer.sandbox.guest.unwaited import Unwaited

LOOK_SECONDS = 0.05
"""The longest time between looks where the kernel keeps no limit of its own."""
_STAT_BYTES = 1024
_ZOMBIE = b"Z"


class Usage:
    """Counts a run's processor time, processes and threads."""

    def __init__(
        self, pids: list[int], proc: int | None, cgroup: Cgroup | None, most: int | None, *, several: bool
    ) -> None:
        """Begins to count; the processes have just been forked.

        Args:
            pids: The first processes of the run.
            proc: A process file system that shows them, as a folder's descriptor.
            cgroup: What counts the template and them together.
            most: How many processes and threads there may be; None where the kernel keeps that limit.
            several: Whether there may be further processes, which `domain.signal_the_others` reaches.
        """
        self._pids = pids
        self._proc = proc
        self._several = several
        self._clocks = [_clock(pid) for pid in pids]
        self._cgroup = cgroup if several else None
        self._before = 0.0
        self._before = self._group_seconds() or 0.0
        self._unwaited = Unwaited(pids)
        self._looked = time.monotonic()
        self._due = self._looked
        self._defer()
        self._buffer = bytearray(_STAT_BYTES)
        self._seconds = 0.0
        self.reaped: list[resource.struct_rusage] = []
        """Of processes whose parents ended before them."""
        self.seen = list(pids)
        """The processes of the run when they were last looked at."""
        self._most = most
        self._unsuspicious = 0
        if several and most is not None and proc is not None:
            self._unsuspicious = len(os.listdir(proc)) + most
        self.too_many = False
        """Whether there were more processes and threads than allowed when they were last looked at."""

    @property
    def counts(self) -> bool:
        """Whether `look` is what keeps the limit on processes and threads."""
        return self._most is not None

    def cpu_seconds(self) -> float:
        """Processor time so far; that of further processes as of the last look."""
        return max(self._seconds, sum(map(_seconds_on, self._clocks)))

    def look(self) -> bool:
        """Looks at all processes, if it is time to, and reaps those that have nobody else to do it."""
        if self.until_look() > 0:
            return False
        if self._several and self._most is not None and self._is_suspicious():
            # A bomb would leave this process no time to look at it.
            domain.signal_the_others(signal.SIGSTOP)
            self._look()
            if not self.too_many:
                domain.signal_the_others(signal.SIGCONT)
        else:
            self._look()
        self._defer()
        return True

    def until_look(self) -> float:
        """Seconds until it is time to look. Nobody can tell in advance, and so have nothing to be seen just then."""
        return max(0.0, self._due - time.monotonic())

    def _defer(self) -> None:
        self._due = time.monotonic() + LOOK_SECONDS * (1 + os.urandom(1)[0] / 256) / 2

    def _is_suspicious(self) -> bool:
        return self._proc is not None and len(os.listdir(self._proc)) > self._unsuspicious

    def _look(self) -> None:
        now = time.monotonic()
        elapsed, self._looked = now - self._looked, now
        own: dict[int, float] = {}
        of_ended = sum(usage.ru_utime + usage.ru_stime for usage in self.reaped)
        seconds = 0.0
        processes = 0
        for pid, spent, of_children, threads in self._all():
            own[pid] = max(spent, _seconds_on(_clock(pid)))
            seconds += spent
            of_ended += of_children
            processes += threads
            if threads == 0 and pid not in self._pids:
                self._reap(pid)
        self.seen = list(own)
        counted = self._group_seconds() or max(seconds + of_ended, self._unwaited.seconds(own, of_ended, elapsed))
        self._seconds = max(self._seconds, counted)
        self.too_many = self._most is not None and processes > self._most

    def _reap(self, pid: int) -> None:
        with contextlib.suppress(ChildProcessError):  # it is a child of another process of the run
            reaped, _, usage = os.wait4(pid, os.WNOHANG)
            if reaped:
                self.reaped.append(usage)

    def waited_seconds(self) -> float:
        """How long the run at least was ready but had no processor that others of its threads did not have.

        A thread that was ready for longer than the run had processors together waited for somebody else's. Asked are
        the one of each of the first processes, which take turns, that was ready longest or, where there may be further
        processes, of all.
        """
        if self._proc is None:
            return 0.0
        if self._several and len(self._pids) == 1:
            ready = max(self._ready(pid) for pid in [*self._pids, *(pid for pid, *_ in self._all())])
        else:
            ready = sum(map(self._ready, self._pids))
        return max(0.0, ready / 1e9 - self.cpu_seconds())

    def _ready(self, pid: int) -> int:
        """How long the thread of a process ran or waited that did so longest, ns; 0 if the kernel does not count it."""
        try:
            threads = os.open(f"{pid}/task", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        except OSError:
            return 0
        try:
            return max(map(_ready_nanoseconds, os.listdir(threads), itertools.repeat(threads)), default=0)
        except OSError:
            return 0  # it has just ended
        finally:
            os.close(threads)

    def _group_seconds(self) -> float | None:
        """Processor time that the control group counted, without the template's own."""
        seconds = None if self._cgroup is None else self._cgroup.cpu_seconds()
        return None if seconds is None else seconds - time.process_time() - self._before

    def _all(self) -> Iterator[tuple[int, float, float, int]]:
        """Pid, processor seconds, those of its children that it waited for, and threads of each process of the run.

        One that has ended has no threads.
        """
        if self._proc is None:
            return
        names = (name for name in os.listdir(self._proc) if name.isdigit()) if self._several else map(str, self._pids)
        found = {int(name): fields for name in names if (fields := self._fields(name)) is not None}
        of_run = set(self._pids) | {os.getpid()}
        grown = True
        while grown:
            inside = {pid for pid, fields in found.items() if int(fields[1]) in of_run}
            grown = not inside <= of_run
            of_run |= inside
        tick = os.sysconf("SC_CLK_TCK")
        for pid in of_run & found.keys() - {os.getpid()}:
            fields = found[pid]
            spent, of_children = sum(map(int, fields[11:13])) / tick, sum(map(int, fields[13:15])) / tick
            yield pid, spent, of_children, 0 if fields[0] == _ZOMBIE else int(fields[17])

    def _fields(self, name: str) -> list[bytes] | None:
        """The fields of a process's stat from its state on; its name, which is the program's to choose, is not kept."""
        try:
            descriptor = os.open(f"{name}/stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        except OSError:
            return None  # it has ended
        try:
            size = os.readv(descriptor, [self._buffer])
            return bytes(self._buffer[self._buffer.rindex(b")", 0, size) + 2 : size]).split()
        except ProcessLookupError:
            return None
        finally:
            os.close(descriptor)
            self._buffer[:] = bytes(_STAT_BYTES)


def _ready_nanoseconds(thread: str, threads: int) -> int:
    try:
        descriptor = os.open(f"{thread}/schedstat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=threads)
    except OSError:
        return 0  # it has ended, or the kernel does not count it
    try:
        ran, waited, *_ = map(int, os.read(descriptor, _STAT_BYTES).split())
        return ran + waited
    except (OSError, ValueError):
        return 0
    finally:
        os.close(descriptor)


def _clock(pid: int) -> int:
    """CPUCLOCK_SCHED of a whole process, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


def _seconds_on(clock: int) -> float:
    try:
        return time.clock_gettime(clock)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ESRCH):
            return 0.0  # a process that has ended uses no more
        raise
