"""Whether throughput and memory of a server stay the same while 1,000 runs are queued all the time."""

import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import matplotlib.pyplot as plt

from bench.code import usage, workloads
from bench.code.contestants import WORKERS
from bench.code.workloads import item
from bench.math.table import table
from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb

CALLS, ITEMS = 11, 100
"""Calls under way and items of each: never fewer than 1,000 are queued, since a call that ends is followed by one."""
SAMPLE_SECONDS = 2.0
PATIENCE = 300.0
SERVER = ["--code.sandbox.slots", str(WORKERS), "--math.workers", "1", "--queue.size", str(CALLS * ITEMS)]
SMOOTHED = 5
"""Samples of which the plot shows the mean: runs come back in hundreds."""


@dataclass(frozen=True)
class Sample:
    """The server at one time: seconds since the begin, runs done by then, memory and processes of its tree."""

    seconds: float
    done: int
    memory_bytes: int
    processes: int


def run(minutes: float, plot: Path, command: str) -> str:
    """Loads a server for so long; returns the text and draws the plot.

    Raises:
        RuntimeError: An answer was not that the program is right.
    """
    with (
        EmbeddedService.start("scorer", SERVER) as service,
        ScorerClient(service.address, timeout=PATIENCE) as client,
    ):
        samples = _loaded(client, service.process.pid, minutes * 60)
        time.sleep(SAMPLE_SECONDS)
        after = usage.memory_bytes(service.process.pid), len(usage.tree(service.process.pid))
    _draw(samples, plot)
    begin, end = thirds(samples)
    head = ["", "runs/s", "memory", "processes"]
    rows = [_row("first third", begin), _row("last third", end)]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}"
    return (
        f"# Under load for {minutes:g} minutes\n\nMade by `{command}` on {machine}. A server with {WORKERS} slots and "
        f"{CALLS} calls under way all the time, each of {ITEMS} programs: HumanEval, MBPP style, function calls, "
        "standard input and output, trivial. Memory is that of the server's whole process tree (proportional set "
        f"size): lowest to highest of the samples, one each {SAMPLE_SECONDS:g} s. All {samples[-1].done} answers were "
        f"right. With the load gone: {after[0] / 1e6:.0f} MB, {after[1]} processes.\n\n{table(head, rows)}\n"
        f"![runs per second and memory over time]({plot.name})\n"
    )


def thirds(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """The samples of the first third of the time and those of the last. Raises ValueError if they are too few."""
    if len(samples) < 6:
        raise ValueError("too few samples to compare the begin with the end")
    length = samples[-1].seconds - samples[0].seconds
    first = [one for one in samples if one.seconds <= samples[0].seconds + length / 3]
    last = [one for one in samples if one.seconds >= samples[-1].seconds - length / 3]
    return first, last


def rate(samples: Sequence[Sample]) -> float:
    """Runs per second from the first to the last sample."""
    return (samples[-1].done - samples[0].done) / (samples[-1].seconds - samples[0].seconds)


def _row(name: str, samples: Sequence[Sample]) -> list[object]:
    memory = [one.memory_bytes / 1e6 for one in samples]
    processes = [one.processes for one in samples]
    shown = f"{statistics.median(memory):.0f} MB ({min(memory):.0f} to {max(memory):.0f})"
    return [name, f"{rate(samples):.0f}", shown, f"{min(processes)} to {max(processes)}"]


def _loaded(client: ScorerClient, server: int, seconds: float) -> list[Sample]:
    load = _Load(client)
    samples: list[Sample] = []
    begin = time.monotonic()
    with ThreadPoolExecutor(CALLS) as pool:
        calling = [pool.submit(load.call_until, begin + seconds) for _ in range(CALLS)]
        while time.monotonic() < begin + seconds and not any(one.done() for one in calling):
            members = len(usage.tree(server))
            samples.append(Sample(time.monotonic() - begin, load.done, usage.memory_bytes(server), members))
            time.sleep(SAMPLE_SECONDS)
        for one in calling:
            one.result()
    return samples


class _Load:
    """Calls from several threads, each with items that were not sent before."""

    def __init__(self, client: ScorerClient) -> None:
        self._client = client
        self._made: list[Callable[[int], pb.ScoreItem]] = [
            lambda number, task=task, kind=workload.kind: item(task.varied(str(number)), kind)  # type: ignore[misc]
            for workload in workloads.load()
            for task in workload.tasks
        ]
        self._numbers = count()
        self._lock = threading.Lock()
        self.done = 0

    def call_until(self, end: float) -> None:
        """Raises RuntimeError."""
        while time.monotonic() < end:
            numbers = [next(self._numbers) for _ in range(ITEMS)]
            results = self._client.score([self._made[number % len(self._made)](number) for number in numbers])
            for result in results:
                if not result.verdict.correct:
                    raise RuntimeError(f"a right program was not judged to be right: {result}")
            with self._lock:
                self.done += len(results)


def _draw(samples: Sequence[Sample], plot: Path) -> None:
    figure, (upper, lower) = plt.subplots(2, 1, sharex=True, figsize=(8, 5))
    windows = [samples[at : at + SMOOTHED] for at in range(len(samples) - SMOOTHED + 1)]
    upper.plot([one[-1].seconds / 60 for one in windows], [rate(one) for one in windows])
    upper.set_ylabel("runs per second")
    upper.set_ylim(bottom=0)
    lower.plot([one.seconds / 60 for one in samples], [one.memory_bytes / 1e6 for one in samples])
    lower.set_ylabel("memory of the server, MB")
    lower.set_xlabel("minutes")
    lower.set_ylim(bottom=0)
    figure.tight_layout()
    figure.savefig(plot)
    plt.close(figure)
