"""A thousand runs queued all the time: throughput and memory of a scorer over a long time."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from tests.soak import footprint

_STREAMS = 4
_EACH = 250
_SAMPLE_SECONDS = 2.0


@dataclass(frozen=True)
class Quarter:
    """A quarter of the time."""

    runs_per_second: float
    memory_bytes: int
    """Mean over the quarter, of the service with all below it."""


async def load(address: str, pid: int, seconds: float) -> list[Quarter]:
    """Keeps 1,000 runs of a short program queued for this long and returns the four quarters; all must pass."""
    stdio = pb.StdioTests(cases=[pb.StdioCase(input="2", output="4")])
    item = pb.ScoreItem(code=pb.CodeTask(language="python", source="print(2 * int(input()))", stdio=stdio))
    done: list[float] = []
    memory: list[tuple[float, int]] = []
    start = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(_STREAMS):
            group.create_task(_stream(address, number, item, start + seconds, done))
        while time.monotonic() < start + seconds:
            memory.append((time.monotonic(), footprint.memory(pid)))
            await asyncio.sleep(_SAMPLE_SECONDS)
    quarters = []
    for index in range(4):
        begin, end = start + index * seconds / 4, start + (index + 1) * seconds / 4
        sizes = [size for moment, size in memory if begin <= moment < end]
        runs = sum(begin <= moment < end for moment in done)
        quarters.append(Quarter(runs * 4 / seconds, sum(sizes) // len(sizes)))
    return quarters


async def _stream(address: str, number: int, item: pb.ScoreItem, end: float, done: list[float]) -> None:
    free = asyncio.Semaphore(_EACH)

    async def items() -> AsyncIterator[pb.ScoreItem]:
        count = 0
        while time.monotonic() < end:
            await free.acquire()
            count += 1
            yield pb.ScoreItem(id=f"{number}-{count}", code=item.code)

    async with grpc.aio.insecure_channel(address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        async for result in stub.ScoreStream(items()):
            assert result.verdict.correct, result
            done.append(time.monotonic())
            free.release()
