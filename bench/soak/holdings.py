"""What a process and all below it hold of the machine at one time, and how that changes over many times."""

import math
import os
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.code import usage

_THREADS = 17
"""Index of num_threads among what `usage.tree` gives of a process."""


@dataclass(frozen=True)
class Holdings:
    """Of one tree of processes. As root: what may not be read counts as nothing."""

    seconds: float
    """Since the begin."""
    resident_bytes: int
    """Of the first process alone (RSS)."""
    memory_bytes: int
    """Without files, each shared page in equal parts to those who share it: files are shared with whoever else on the
    machine has loaded the same libraries, so that their part changes with others."""
    descriptors: int
    threads: int
    processes: int


COUNTED = ("resident_bytes", "memory_bytes", "descriptors", "threads", "processes")
"""What is watched."""


def of(root: int, seconds: float) -> Holdings:
    """Measures now."""
    tree = usage.tree(root)
    resident = _kilobytes(f"/proc/{root}/status", ("VmRSS:",))
    memory = descriptors = 0
    for pid in tree:
        memory += _kilobytes(f"/proc/{pid}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))
        with suppress(OSError):  # it has ended since
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208, links of a foreign process
    threads = sum(int(fields[_THREADS]) for fields in tree.values())
    return Holdings(seconds, 1024 * resident, 1024 * memory, descriptors, threads, len(tree))


def files_bytes(pid: int) -> int:
    """Resident memory of one process that is of files."""
    return 1024 * _kilobytes(f"/proc/{pid}/status", ("RssFile:",))


def _kilobytes(path: str, names: tuple[str, ...]) -> int:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:  # it has ended since
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(names))


@dataclass(frozen=True)
class Trend:
    """Of one number over time."""

    begin: float
    """Mean of the first tenth of the time."""
    end: float
    """Mean of the last tenth."""
    slope: float
    """By least squares, each hour."""
    error: float
    """Standard error of the slope."""

    def grows(self, free: float) -> bool:
        """Whether it is beyond doubt (two standard errors) that more than `free` is added each hour."""
        return self.slope - 2 * self.error > free


def trend(samples: Sequence[tuple[float, float]], window: float = 60.0) -> Trend:
    """The trend of (seconds, value), through the means of windows: neighbouring samples are of the same programs, and
    would make the slope look surer than it is.

    Raises:
        ValueError: Fewer than three windows.
    """
    first, last = samples[0][0], samples[-1][0]
    windows: dict[int, list[tuple[float, float]]] = {}
    for sample in samples:
        windows.setdefault(int((sample[0] - first) // window), []).append(sample)
    if len(windows) < 3:
        raise ValueError("too short for a trend")
    times = [statistics.fmean(at for at, _ in one) / 3600 for one in windows.values()]
    values = [statistics.fmean(value for _, value in one) for one in windows.values()]
    slope, intercept = statistics.linear_regression(times, values)
    left = math.fsum((value - intercept - slope * at) ** 2 for at, value in zip(times, values, strict=True))
    middle = statistics.fmean(times)
    spread = math.fsum((at - middle) ** 2 for at in times)
    error = math.sqrt(left / (len(times) - 2) / spread)
    tenth = (last - first) / 10
    begin = statistics.fmean(value for at, value in samples if at <= first + tenth)
    end = statistics.fmean(value for at, value in samples if at >= last - tenth)
    return Trend(begin, end, slope, error)
