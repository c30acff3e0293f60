"""How fast ours and math-verify judge the same cases."""

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.math.cases import HOSTILE, Case, load, sample, split_hostile
from bench.math.contestants import CONTESTANTS, REFERENCE, Contestant
from bench.math.table import seconds, table
from bench.math.timing import Speed, percentile, spread

NOTES = """All judge the same cases, taking turns, each time in new processes that were warmed up with other cases, and
with the cache of verdicts off. Each gold answer occurs once, but for the hostile set. Cases per second: median of the
repeats (lowest to highest); ratio: over math-verify's in the same repeat. Latencies are those of single cases, one at a
time, of all repeats together. math-verify runs in one process and is timed inside of it; a comparison is killed after
10 s. Ours has its worker processes besides the one that asks (in process) or serves (gRPC). Its rate is that of many
cases asked at once, but on the hostile set that of one at a time."""


def run(folder: Path, names: Sequence[str], cases: int, repeats: int) -> str:
    """Times all contestants and returns the table.

    Args:
        folder: Labelled cases.
        names: Sets of it, or `hostile`; all when empty.
        cases: At most so many of each set.
        repeats: How often each contestant judges each set; they take turns.

    Raises:
        FileNotFoundError: There is no such set.
    """
    sets = split_hostile(load(folder))
    if missing := set(names) - set(sets):
        raise FileNotFoundError(f"{folder} has no set named {', '.join(sorted(missing))}; it has {', '.join(sets)}")
    rows: list[list[object]] = []
    for name in names or sets:
        hostile = name == HOSTILE
        chosen = sample(sets[name], cases, once_a_gold=not hostile)
        speeds: dict[str, list[Speed]] = {contestant.name: [] for contestant in CONTESTANTS}
        for _ in range(repeats):
            for contestant in CONTESTANTS:
                speeds[contestant.name].append(_measured(contestant, chosen, hostile))
        for contestant_name, measured in speeds.items():
            rows.append([name, len(chosen), contestant_name, *_cells(measured, speeds[REFERENCE.name])])
            print(*rows[-1], sep="  ", flush=True)
    head = ["set", "cases", "verifier", "cases/s", "ratio", "p50", "p99", "worst"]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    return f"# Speed of math verifiers\n\nMade by `make bench-math` on {machine}.\n\n{NOTES}\n\n{table(head, rows)}"


def _measured(contestant: Contestant, cases: Sequence[Case], hostile: bool) -> Speed:
    latencies = contestant.latencies(cases)
    one_at_a_time = len(cases) / sum(latencies)
    rate = one_at_a_time if hostile or contestant.rate is None else contestant.rate(cases)
    return Speed(rate, tuple(latencies))


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
