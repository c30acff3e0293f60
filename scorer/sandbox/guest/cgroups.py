"""The slot's control groups (cgroups(7)): what all processes of a run may use together.

The template puts itself into them once, and its forks are born there. Files are held as descriptors: after the slot
has a root of its own, nothing shows them.
"""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH110, PTH118
import math
import os
from collections.abc import Mapping

from scorer.sandbox.guest import descriptors

# For what the kernel itself takes for a run's processes: page tables, stacks, buffers of pipes.
_KERNEL_BYTES = 16 << 20
_STEP_BYTES = 8 << 20  # in which what is left of earlier runs is counted
_COUNTER_BYTES = 4096
# By version of the interface: files with limits, with what is used, with what was ended for lack of memory.
_FIRST = (("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), "memory.usage_in_bytes", "memory.oom_control")
_SECOND = (("memory.max",), "memory.current", "memory.events")
_SWAP = "memory.swap.max"


class Cgroup:
    """The groups of one slot, with the calling process in them."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        """Enters.

        Args:
            folders: As `Setup.cgroups`; "memory" is there.

        Raises:
            OSError: A group cannot be entered or its limits cannot be set.
        """
        memory = folders["memory"]
        second = os.path.exists(os.path.join(memory, "cgroup.controllers"))  # version 2 of the interface
        for folder in dict.fromkeys(folders.values()):
            _write_once(os.path.join(folder, "cgroup.procs"), b"0")
        limits, usage, events = _SECOND if second else _FIRST
        if second and os.path.exists(os.path.join(memory, _SWAP)):  # not where the kernel does not count it
            _write_once(os.path.join(memory, _SWAP), b"0")
        # In version 1 the second is memory and swap together, which may not be less than the first.
        self._limits = [
            _open(memory, name, os.O_WRONLY) for name in limits if os.path.exists(os.path.join(memory, name))
        ]
        self._usage = _open(memory, usage, os.O_RDONLY)
        self._statistics = _open(memory, "memory.stat", os.O_RDONLY)
        self._held_names = (b"anon" if second else b"rss", b"shmem")
        self._events = _open(memory, events, os.O_RDONLY)
        self._processes = _open(folders["pids"], "pids.max", os.O_WRONLY) if "pids" in folders else None
        self._cpu: int | None = None
        if "cpu" in folders:
            per_second = os.path.exists(os.path.join(folders["cpu"], "cpu.stat"))
            self._cpu = _open(folders["cpu"], "cpu.stat" if per_second else "cpuacct.usage", os.O_RDONLY)
        self._bound = math.inf
        self._most = 0
        self._share = 0
        self._seen = 0
        self._left = 0
        self._held_at_first = 0
        self._killed = 0
        self.detail = "memory" + (" and processes" if self._processes is not None else "")
        self.detail += f" of a run together, version {2 if second else 1}"

    def settle(self) -> None:
        """Takes what is used now for the template's own share, which no run pays for. Raises OSError."""
        self._seen = self._share = int(os.pread(self._usage, _COUNTER_BYTES, 0))
        self._held_at_first = self._held()

    def limit(self, memory_bytes: int, processes: int) -> None:
        """Sets the limits of the next run; free of cost where they are those of the last.

        Args:
            memory_bytes: Resident memory, files in the scratch folder and output that waits to be read included.
            processes: Processes and threads.

        Raises:
            OSError: The kernel refuses.
        """
        self._killed = self._kills()
        bound, most = self._used_by_no_run() + memory_bytes, 1 + processes  # the template is in there, too
        if bound != self._bound:
            for descriptor in self._limits if bound < self._bound else reversed(self._limits):
                _write(descriptor, bound)
            self._bound = bound
        if most != self._most and self._processes is not None:
            _write(self._processes, most)
            self._most = most

    @property
    def limits_processes(self) -> bool:
        """Whether the number of processes and threads is limited."""
        return self._processes is not None

    def killed_for_memory(self) -> bool:
        """Whether the kernel ended a process since the last `limit` because memory was used up. Raises OSError."""
        return self._kills() > self._killed

    def cpu_seconds(self) -> float | None:
        """Processor time that all processes ever used, the template included; None where nothing counts it."""
        if self._cpu is None:
            return None
        text = os.pread(self._cpu, _COUNTER_BYTES, 0)
        if text.startswith(b"usage_usec"):
            return int(text.split()[1]) / 1e6
        return int(text) / 1e9

    def _used_by_no_run(self) -> int:
        """To be asked between runs; what the service keeps of earlier ones, such as compiled programs, is in there."""
        usage = int(os.pread(self._usage, _COUNTER_BYTES, 0))
        if abs(usage - self._seen) >= _STEP_BYTES:
            self._seen = usage  # of which the kernel may have much for files that it would give up
            steps = (self._held() - self._held_at_first + _STEP_BYTES - 1) // _STEP_BYTES
            self._left = max(0, steps) * _STEP_BYTES
        return self._share + self._left + _KERNEL_BYTES

    def _held(self) -> int:
        words = os.pread(self._statistics, _COUNTER_BYTES, 0).split()
        return sum(int(words[words.index(name) + 1]) for name in self._held_names)

    def _kills(self) -> int:
        words = os.pread(self._events, _COUNTER_BYTES, 0).split()
        return int(words[words.index(b"oom_kill") + 1])


def _open(folder: str, name: str, flags: int) -> int:
    return descriptors.move_up(os.open(os.path.join(folder, name), flags | os.O_CLOEXEC))


def _write(descriptor: int, value: int) -> None:
    os.pwrite(descriptor, str(value).encode(), 0)


def _write_once(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
