"""Measures how rate grows with scorers, and what real items cost both sides.

    python -m bench.scale [--seconds N] [--repeats N]

First 1, 2 and 3 scorers on fixed cores whose programs only wait, as bench.overload has them, and one client on a core
of its own that balances over them: the client must keep more than 95 % of linear scaling. Then a real scorer on one
core with real items, a client on another: processor time of both for an item, bytes on the wire, memory; and from this
what 64 scorers need. Writes bench/results/scale.md; status 1 when the demand is not met.
"""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.math.table import table
from bench.scale import cost, memory, waiting
from bench.scale.cost import Measured
from bench.scale.paper import Spread, client_seconds, fed, need, scorer_seconds
from bench.scale.waiting import REPLICAS, SECONDS, SLOTS, Rate
from codaserve.files import write_atomically

DEMAND = 0.95
MANY = 64
OUTPUT = Path("bench/results/scale.md")
DATA = Path("tests/data")


def scaling(repeats: Sequence[Sequence[Rate]]) -> tuple[str, bool]:
    """The table of replicas, and whether the demand is met by the median.

    Args:
        repeats: In each the rates of 1, 2, ... replicas; a ratio is of one repeat, so that what else runs on the
            machine matters less.
    """
    rows, met = [], True
    for index, replicas in enumerate(REPLICAS):
        rates = [repeat[index] for repeat in repeats]
        ratio = Spread.of(
            repeat[index].items_per_second / (replicas * repeat[0].items_per_second) for repeat in repeats
        )
        ideal = Spread.of(rate.items_per_second / (replicas * SLOTS / SECONDS) for rate in rates)
        each = Spread.of(rate.items_per_second for rate in rates)
        client = Spread.of(rate.client_cpu_seconds for rate in rates)
        rows.append([replicas, each.shown(".0f"), ratio.shown(".3f"), ideal.shown(".3f"), client.shown(".0f", 1e6)])
        met = met and ratio.middle > DEMAND
    head = ["scorers", "items/s", "of linear scaling", "of what the slots can do", "client, µs of processor an item"]
    return table(head, rows), met


def costs(measured: Sequence[Measured]) -> str:
    """The table of real items."""
    head = ["items", "scorer, ms an item", "items/s a core", "client, µs an item", "cores that one client feeds"]
    head += ["bytes to the scorer", "bytes back", "memory, MB"]
    rows = [
        [
            one.name,
            scorer_seconds(one.costs).shown(".3g", 1e3),
            f"{1 / scorer_seconds(one.costs).middle:.0f}",
            client_seconds(one.costs).shown(".0f", 1e6),
            f"{fed(one):.3g}",
            f"{one.bytes_sent:.0f}",
            f"{one.bytes_received:.0f}",
            f"{one.memory_bytes / 1e6:.0f}",
        ]
        for one in measured
    ]
    return table(head, rows)


def on_paper(measured: Sequence[Measured]) -> str:
    """The table of many scorers."""
    head = ["items", f"{MANY} scorers on one core each: items/s", "client, cores", "to the scorers, MB/s", "back, MB/s"]
    head += ["memory of all, GB"]
    rows = []
    for one in measured:
        found = need(one, MANY)
        sizes = [
            f"{found.sent_bytes / 1e6:.3g}",
            f"{found.received_bytes / 1e6:.3g}",
            f"{found.memory_bytes / 1e9:.3g}",
        ]
        rows.append([one.name, f"{found.items_per_second:.0f}", f"{found.client_cores:.2g}", *sizes])
    return table(head, rows)


def main() -> int:
    """Measures and writes; 1 when the client loses too much."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each load that waits")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    repeats = []
    for _ in range(arguments.repeats):
        repeats.append([waiting.measure(replicas, arguments.seconds) for replicas in REPLICAS])
        print(*(f"{rate.replicas}: {rate.items_per_second:.1f} items/s" for rate in repeats[-1]), flush=True)
    linear, met = scaling(repeats)
    measured = cost.measure(arguments.repeats, DATA)
    one, slot, worker = (size / 1e6 for size in memory.parts())
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}"
    load = os.getloadavg()[2]
    says = "met" if met else "NOT met"
    command = f"python -m bench.scale --seconds {arguments.seconds:g} --repeats {arguments.repeats}"
    text = (
        f"# Many scorers\n\nMade by `{command}` on {machine}, Python {platform.python_version()}, with a load of "
        f"{load:.1f} at the end (mean of 15 minutes). Median of {arguments.repeats} repeats (lowest to highest)."
        f"\n\n## Scaling\n\nScorers of {SLOTS} slots whose programs wait {SECONDS} s, each process on a fixed core, "
        f"one client on another that balances over them, {arguments.seconds:g} s each. Ratios are over one scorer in "
        f"the same repeat.\n\n{linear}\nMore than {DEMAND:.0%} of linear scaling (medians): {says}.\n"
        "\n## Real items\n\nA scorer with one slot and one math worker on one core, without the cache of verdicts; the "
        "client, in one process on another core, sends all items of a pass in one `score`. Processor time is user and "
        "system, the scorer's with its workers, sandboxes and runs. Items a second are 1 over that time: what a core "
        "does that nobody else uses. Bytes are TCP's payload without TLS. Memory is what is no file, and the files of "
        f"the service that are resident; before any work it is {one:.0f} MB with one slot and one math worker, "
        f"{slot:.0f} MB for each further slot and {worker:.1f} MB for each further worker, without what their runs and "
        f"comparisons take.\n\n{costs(measured)}\n"
        f"## On paper: {MANY} scorers\n\nAs many times the core above, as busy as can be; the client's cores are that "
        f"many processes, since one process sends from one core.\n\n{on_paper(measured)}"
    )
    write_atomically(arguments.output, text)
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
