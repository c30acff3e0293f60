"""How fast ours and math-verify judge the same cases."""

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.math import contestants
from bench.math.cases import HOSTILE, load, sample, split_hostile
from bench.math.contestants import Contestant
from bench.math.table import seconds, table
from bench.math.timing import Speed, percentile, spread

CONTESTANTS: dict[str, Contestant] = {
    "math-verify 0.9.0": contestants.math_verify,
    "ours in process": contestants.in_process,
    "ours over gRPC, 1 worker": contestants.served(1),
    "ours over gRPC, 2 workers": contestants.served(2),
}
REFERENCE = "math-verify 0.9.0"
NOTES = """All judge the same cases, one after the other in each repeat, with caches off and after a warm-up.
Cases per second: median of the repeats (lowest to highest). Ratio: cases per second over math-verify's in the same
repeat. Latencies are those of single cases, one at a time, of all repeats together. math-verify runs in one process and
is timed inside of it; a comparison is killed after 10 s. Ours has its worker processes besides the one that asks (in
process) or serves (gRPC); its rate is that of many cases at once, but on the hostile set that of one at a time."""


def run(folder: Path, names: Sequence[str], cases: int, repeats: int) -> str:
    """Times all contestants and returns the table.

    Args:
        folder: Labelled cases.
        names: Sets of it, or `hostile`; all when empty.
        cases: At most so many of each set.
        repeats: How often each contestant judges each set; they take turns.
    """
    sets = split_hostile(load(folder))
    rows: list[list[object]] = []
    for name in names or sets:
        chosen = sample(sets[name], cases)
        speeds: dict[str, list[Speed]] = {contestant: [] for contestant in CONTESTANTS}
        for _ in range(repeats):
            for contestant, measure in CONTESTANTS.items():
                speeds[contestant].append(measure(chosen, name != HOSTILE))
        for contestant, measured in speeds.items():
            rows.append([name, len(chosen), contestant, *_cells(measured, speeds[REFERENCE])])
            print(*rows[-1], sep="  ", flush=True)
    head = ["set", "cases", "verifier", "cases/s", "ratio", "p50", "p99", "worst"]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    return f"# Speed of math verifiers\n\nMade by `make bench-math` on {machine}.\n\n{NOTES}\n\n{table(head, rows)}"


def _cells(measured: Sequence[Speed], reference: Sequence[Speed]) -> list[str]:
    ratios = [one.per_second / other.per_second for one, other in zip(measured, reference, strict=True)]
    latencies = [latency for one in measured for latency in one.latencies]
    rates = [one.per_second for one in measured]
    return [
        f"{statistics.median(rates):.0f} ({min(rates):.0f} to {max(rates):.0f})",
        spread(ratios),
        seconds(percentile(latencies, 0.5)),
        seconds(percentile(latencies, 0.99)),
        seconds(max(latencies)),
    ]
