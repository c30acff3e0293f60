"""The slot's control groups (cgroups(7)): what all processes of a run may use together.

The template puts itself into them once, and its forks are born there. Files are held as descriptors: after the slot
has a root of its own, nothing shows them.
"""

# pathlib would cost the template memory, and with it every run time.
# ruff: noqa: PTH110, PTH118
import os
from collections.abc import Mapping

from scorer.sandbox.guest import descriptors

# For what the kernel itself takes for a run's processes: page tables, stacks, buffers of pipes.
_KERNEL_BYTES = 16 << 20
_COUNTER_BYTES = 4096


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
        if second:
            self._limits = [_open(memory, "memory.max", os.O_WRONLY)]
            swap, self._swap_beside = "memory.swap.max", True
            usage, events = "memory.current", "memory.events"
        else:
            self._limits = [_open(memory, "memory.limit_in_bytes", os.O_WRONLY)]
            swap, self._swap_beside = "memory.memsw.limit_in_bytes", False
            usage, events = "memory.usage_in_bytes", "memory.oom_control"
        if os.path.exists(os.path.join(memory, swap)):  # not where the kernel does not count swap
            self._limits.append(_open(memory, swap, os.O_WRONLY))
        self._usage = _open(memory, usage, os.O_RDONLY)
        self._events = _open(memory, events, os.O_RDONLY)
        self._processes = _open(folders["pids"], "pids.max", os.O_WRONLY) if "pids" in folders else None
        self._cpu: int | None = None
        if "cpu" in folders:
            per_second = os.path.exists(os.path.join(folders["cpu"], "cpu.stat"))
            self._cpu = _open(folders["cpu"], "cpu.stat" if per_second else "cpuacct.usage", os.O_RDONLY)
        self._limited = (0, 0)
        self._share = 0
        self._killed = 0
        self.detail = "memory" + (" and processes" if self._processes is not None else "")
        self.detail += f" of a run together, version {2 if second else 1}"

    def settle(self) -> None:
        """Takes what is used now for the template's own share, which no run pays for. Raises OSError."""
        self._share = int(os.pread(self._usage, _COUNTER_BYTES, 0))

    def limit(self, memory_bytes: int, processes: int) -> None:
        """Sets the limits of the next run; free of cost where they are those of the last.

        Args:
            memory_bytes: Resident memory, files in the scratch folder and output that waits to be read included.
            processes: Processes and threads.

        Raises:
            OSError: The kernel refuses.
        """
        self._killed = self._kills()
        if self._limited == (memory_bytes, processes):
            return
        bound = self._share + _KERNEL_BYTES + memory_bytes
        order = self._limits if bound < self._share + _KERNEL_BYTES + self._limited[0] else self._limits[::-1]
        for descriptor in order:
            swap = self._swap_beside and descriptor != self._limits[0]
            _write(descriptor, b"0" if swap else str(bound).encode())
        if self._processes is not None:
            _write(self._processes, str(processes + 1).encode())  # the template is in there, too
        self._limited = (memory_bytes, processes)

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

    def _kills(self) -> int:
        words = os.pread(self._events, _COUNTER_BYTES, 0).split()
        return int(words[words.index(b"oom_kill") + 1])


def _open(folder: str, name: str, flags: int) -> int:
    return descriptors.move_up(os.open(os.path.join(folder, name), flags | os.O_CLOEXEC))


def _write(descriptor: int, content: bytes) -> None:
    os.pwrite(descriptor, content, 0)


def _write_once(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
