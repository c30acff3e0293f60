"""What a run costs when numpy is loaded before, and when it is not."""

import os
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from bench.code import drivers
from bench.code.comparison import Row, spread
from bench.code.contestants import WORKERS
from bench.code.workloads import MANY, Task, Workload, load
from bench.math.table import seconds, table

WITHOUT, WITH = "without", "numpy loaded before"
PASSES = 4
"""Over the tasks, in each repeat."""
_USING = "import numpy\nprint(int(numpy.arange(10).sum()))\n"


def run(repeats: int, command: str) -> str:
    """Times the same programs with and without, taking turns; returns the text.

    Raises:
        RuntimeError: One of both does not run: numpy may be missing.
    """
    trivial = next(workload for workload in load() if workload.name == "trivial")
    using = Workload("uses numpy", "stdio", [_using(number) for number in range(MANY)])
    rows = {(trivial.name, WITHOUT): Row(), (trivial.name, WITH): Row(), (using.name, WITH): Row()}
    with ExitStack() as stack:
        started = {
            WITHOUT: stack.enter_context(drivers.ours("here", WORKERS)),
            WITH: stack.enter_context(drivers.ours("here", WORKERS, ["numpy"])),
        }
        for repeat in range(1 + repeats * PASSES):
            ways = list(rows)
            for name, way in ways if repeat % 2 else reversed(ways):
                workload = trivial if name == trivial.name else using
                started[way].prepare([task.varied(f"{repeat}") for task in workload.tasks], workload.kind)
                measured = started[way].run()
                if repeat > 0:  # the first is for warming up
                    rows[name, way].passes.append(measured)
                    rows[name, way].latencies += measured.latencies
    head = ["workload", "numpy", "passed", "runs/s", "processor time of a run", "p50", "p99", ""]
    pairs = zip(rows[trivial.name, WITH].passes, rows[trivial.name, WITHOUT].passes, strict=True)
    ratios = [one.cpu_seconds / other.cpu_seconds for one, other in pairs]
    pairs = zip(rows[using.name, WITH].passes, rows[trivial.name, WITH].passes, strict=True)
    more = [one.cpu_of_one - other.cpu_of_one for one, other in pairs]
    imports = list(_imports(repeats * PASSES))
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    return (
        f"# What preloading numpy costs\n\nMade by `{command}` on {machine}. The judge in process with {WORKERS} "
        "slots, both taking turns; median (lowest to highest).\n\n"
        f"{table(head, [[*key, *row.cells()] for key, row in rows.items()])}\n"
        f"Processor time of a trivial run with numpy loaded before, over that without: {spread(ratios)}. "
        f"A program that uses numpy takes {seconds(statistics.median(more))} more than a trivial one; in an "
        f"interpreter that has not loaded it the same takes {seconds(statistics.median(imports))} more "
        f"({seconds(min(imports))} to {seconds(max(imports))}).\n"
    )


def _imports(times: int) -> Iterator[float]:
    """Processor seconds that a new interpreter takes for the program that uses numpy beyond those for an empty one."""
    for _ in range(times):
        spent = []
        for source in ("", _USING):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", source], check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        yield spent[1] - spent[0]


def _using(number: int) -> Task:
    return Task(f"numpy/{number}", _USING, stdout="45\n")
