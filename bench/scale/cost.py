"""What real items cost a scorer and the client that sends them."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path

from bench.code import usage, workloads
from bench.math import cases
from bench.scale.cores import cores, on
from bench.scale.relay import relay
from bench.soak import holdings
from codaserve import AsyncScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb

SCORER = ["--code.sandbox.slots", "1", "--math.workers", "1", "--math.cache_bytes", "0"]
"""For one core; no verdict is kept, since repeated items cost nothing."""
MATH_SETS = {
    "math: GSM8K answers": ("gsm8k_model_solutions", 10_000),
    "math: rewritten answers": ("rewritten_answers", 1_151),
}
"""Sets of labelled cases and how many items a pass has, each case as often as it takes."""
CODE_SETS = {"code: HumanEval": "HumanEval", "code: stdin and stdout": "stdin and stdout"}
_CODE_ITEMS = 328
_PATIENCE = 300.0


@dataclass(frozen=True)
class Cost:
    """Of one pass over items.

    Attributes:
        items: How many.
        seconds: From the first item to the last result.
        scorer_cpu_seconds: Processor time of the scorer with all below it.
        client_cpu_seconds: Of the client.
    """

    items: int
    seconds: float
    scorer_cpu_seconds: float
    client_cpu_seconds: float


@dataclass(frozen=True)
class Measured:
    """What was measured of one kind of items; network and memory once, the rest in each repeat."""

    name: str
    costs: Sequence[Cost]
    bytes_sent: float
    """By the client, for an item."""
    bytes_received: float
    memory_bytes: int
    """Of the scorer with all below it, after the work: what is no file, and the resident files of the service."""


def measure(repeats: int, folder: Path) -> list[Measured]:
    """Every kind of items, a scorer on one core and the client on another.

    Args:
        repeats: Passes that are timed; one more goes before.
        folder: Labelled cases and problems.
    """
    own, (other,) = cores(1)
    found = []
    for name, passes in _kinds(folder).items():
        with on(other):
            service = EmbeddedService.start("scorer", SCORER)
        with service, on(own):
            found.append(asyncio.run(_measured(name, passes, repeats, service)))
        print(f"{name}: done", flush=True)
    return found


def _kinds(folder: Path) -> dict[str, Callable[[], list[pb.ScoreItem]]]:
    """By name, what makes the items of one pass; no program comes twice."""
    marks = count()
    kinds: dict[str, Callable[[], list[pb.ScoreItem]]] = {}
    for name, (file, number) in MATH_SETS.items():
        chosen = islice(cycle(cases.load(folder, [file])[file]), number)
        made = [pb.ScoreItem(id=case.id, math=case.task) for case in chosen]
        kinds[name] = lambda made=made: made  # type: ignore[misc]
    by_name = {workload.name: workload for workload in workloads.load(folder)}
    for name, of in CODE_SETS.items():
        kinds[name] = lambda workload=by_name[of]: list(_programs(workload, marks))  # type: ignore[misc]
    return kinds


def _programs(workload: workloads.Workload, marks: Iterator[int]) -> Iterator[pb.ScoreItem]:
    for index in range(_CODE_ITEMS):
        task = workload.tasks[index % len(workload.tasks)]
        yield workloads.item(task.varied(str(next(marks))), workload.kind)


async def _measured(
    name: str, passes: Callable[[], list[pb.ScoreItem]], repeats: int, service: EmbeddedService
) -> Measured:
    pid = service.process.pid
    async with AsyncScorerClient(service.address, timeout=_PATIENCE) as client:
        costs = [await _cost(client, passes(), pid) for _ in range(repeats + 1)][1:]
        found = holdings.of(pid, 0)
    items = passes()
    async with relay(service.address) as (address, passed), AsyncScorerClient(address, timeout=_PATIENCE) as client:
        await client.score(items[:1])  # the connection's own bytes, and the headers that HTTP/2 sends once
        before = passed.sent, passed.received
        await client.score(items)
        sent, received = passed.sent - before[0], passed.received - before[1]
    memory = found.memory_bytes + holdings.files_bytes(pid)
    return Measured(name, costs, sent / len(items), received / len(items), memory)


async def _cost(client: AsyncScorerClient, items: list[pb.ScoreItem], pid: int) -> Cost:
    scorer, own, begun = usage.cpu_seconds(pid), time.process_time(), time.monotonic()
    results = await client.score(items)
    seconds, spent, used = time.monotonic() - begun, time.process_time() - own, usage.cpu_seconds(pid) - scorer
    for result in results:
        if not result.HasField("verdict"):
            raise RuntimeError(f"an item has no verdict: {result}")
    return Cost(len(items), seconds, used, spent)
