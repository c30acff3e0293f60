"""Memory that RLIMIT_DATA does not count: shared anonymous mappings, and the page tables of vast ones."""

import os
from collections.abc import Iterable
from typing import BinaryIO

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_READ_BYTES = 1 << 16
_KERNEL_BYTES = 16 << 20  # page tables that a run may have for nothing
# What the kernel calls shared memory without a file, and that of /dev/zero.
_SHARED = b"/dev/zero (deleted)"


class Held:
    """Looks at how much memory each process of a run holds, where no control group counts it."""

    def __init__(self, proc: int, first: Iterable[int], most_bytes: int) -> None:
        """Args:
        proc: A process file system that shows the run, as a folder's descriptor.
        first: The first processes of the run, which cannot be looked into before they execute a program.
        most_bytes: What each process may hold.
        """
        self._proc = proc
        self._unread = set(first)
        self._most = most_bytes + _KERNEL_BYTES

    def is_over(self, pids: Iterable[int]) -> bool:
        """Whether one of the processes holds more than it may, or hides how much it holds."""
        return any(self._of(pid) > self._most for pid in pids)

    def _of(self, pid: int) -> int:
        try:
            with self._open(f"{pid}/statm") as file:
                mapped = int(file.read().split()[0]) * _PAGE_BYTES
            if mapped <= self._most:
                return mapped  # most programs, at little cost
            with self._open(f"{pid}/status") as file:
                fields = dict(line.split(b":", 1) for line in file.read().splitlines())
            held = sum(int(fields[name].split()[0]) << 10 for name in (b"RssAnon", b"VmPTE") if name in fields)
            try:
                held += self._shared(pid)
                self._unread.discard(pid)
            except PermissionError:
                # By executing a program that it may not read, a process could hide what it holds.
                held += int(fields[b"RssShmem"].split()[0]) << 10 if pid in self._unread else mapped
        except (FileNotFoundError, ProcessLookupError, KeyError):
            return 0  # it has ended
        return held

    def _shared(self, pid: int) -> int:
        """Bytes mapped, not those resident: what is written and then not looked at stays in memory."""
        found = 0
        with self._open(f"{pid}/maps") as file:
            for line in file:
                if line.rstrip().endswith(_SHARED):
                    start, end = (int(bound, 16) for bound in line.split(b" ", 1)[0].split(b"-"))
                    found += end - start
        return found

    def _open(self, path: str) -> BinaryIO:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        return open(descriptor, "rb", buffering=_READ_BYTES)  # noqa: PTH123 - relative to a descriptor
