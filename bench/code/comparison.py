"""What was measured of all contestants on one workload, side by side."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.code.contestants import OTHERS, OWN, Contestant
from bench.code.drivers import Measured
from bench.math.table import seconds
from bench.math.timing import percentile


@dataclass
class Row:
    """One contestant on one workload, repeat by repeat.

    Attributes:
        passes: Rate and processor time.
        latencies: Seconds of single tasks, of all repeats together.
        peak_memory_bytes: Of all its processes; 0 if it cannot be read.
    """

    passes: list[Measured] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    peak_memory_bytes: int = 0

    def cells(self) -> list[str]:
        """Passed, rate, processor time, latencies, memory."""
        rates = [one.per_second for one in self.passes]
        cpu = [one.cpu_of_one for one in self.passes]
        tasks = self.passes[0].tasks
        return [
            f"{min(one.passed for one in self.passes)} of {tasks}",
            f"{statistics.median(rates):.0f} ({min(rates):.0f} to {max(rates):.0f})",
            f"{seconds(statistics.median(cpu))} ({seconds(min(cpu))} to {seconds(max(cpu))})",
            seconds(percentile(self.latencies, 0.5)),
            seconds(percentile(self.latencies, 0.99)),
            f"{self.peak_memory_bytes / 1e6:.0f} MB" if self.peak_memory_bytes else "",
        ]


Rows = Mapping[Contestant, Row]


def rate_ratios(rows: Rows, one: Contestant, other: Contestant) -> list[float]:
    """In each repeat, how many times as many tasks per second `one` judges."""
    return [a.per_second / b.per_second for a, b in zip(rows[one].passes, rows[other].passes, strict=True)]


def cpu_ratios(rows: Rows, one: Contestant, other: Contestant) -> list[float]:
    """In each repeat, how many times as much processor time `other` takes for a task."""
    return [b.cpu_seconds / a.cpu_seconds for a, b in zip(rows[one].passes, rows[other].passes, strict=True)]


def spread(values: Sequence[float]) -> str:
    """Median and range of ratios."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def ratio_rows(workload: str, rows: Rows) -> list[list[object]]:
    """Each of ours beside each of the others: workload, ours, other, ratio of rates, ratio of processor times."""
    return [
        [workload, own.name, other.name, spread(rate_ratios(rows, own, other)), spread(cpu_ratios(rows, own, other))]
        for own in OWN
        for other in OTHERS
        if own in rows and other in rows
    ]
