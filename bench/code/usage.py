"""What a process and all its descendants use, from /proc (proc(5)).

A process that has ended and was waited for counts to its parent there, so that the sum over a tree misses nobody, in
whatever namespaces the processes live.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.05


def tree(root: int) -> dict[int, list[str]]:
    """The fields of /proc/PID/stat after the name, by pid, of a process and its descendants."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended since
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    inside = {root} & found.keys()
    before = 0
    while len(inside) > before:
        before = len(inside)
        inside |= {pid for pid, fields in found.items() if int(fields[1]) in inside}
    return {pid: found[pid] for pid in inside}


def cpu_seconds(root: int) -> float:
    """Processor time of a tree, of its ended members as well."""
    return sum(sum(map(int, fields[11:15])) for fields in tree(root).values()) / _TICKS


def own_cpu_seconds(pid: int) -> float:
    """Processor time of one process, without those that it waited for; to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_bytes(root: int) -> int:
    """Memory of a tree, each shared page in equal parts to those who share it (PSS); 0 where it may not be read."""
    total = 0
    for pid in tree(root):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


@contextmanager
def peak_memory(root: int) -> Iterator[list[int]]:
    """Samples the memory of a tree while the block runs; the largest sample is then the one item of the list."""
    peak = [0]
    done = threading.Event()

    def sample() -> None:
        while True:
            peak[0] = max(peak[0], memory_bytes(root))
            if done.wait(_SAMPLE_SECONDS):
                return

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
