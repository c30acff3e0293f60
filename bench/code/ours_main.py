"""Runs this project's judge on tasks that come as JSON lines: in this process, or in a server over gRPC.

    python -m bench.code.ours_main here|served WORKERS [PACKAGE ...]

The packages are loaded before programs start (code.sandbox.preload). See `drivers` for the lines. A server is asked
for all tasks at once; the times of single ones are measured apart, as many at a time as there are workers.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

from bench.code import usage
from bench.code.workloads import Task, item
from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.sandbox.settings import SandboxSettings

PATIENCE = 120.0
Timed = tuple[bool, float]


class Judge(Protocol):
    """One way to have items judged."""

    def all(self, items: Sequence[pb.ScoreItem]) -> list[Timed]:
        """Judges them, at the best rate. Times may be missing (0)."""

    def each(self, items: Sequence[pb.ScoreItem]) -> list[Timed]:
        """Judges them, so that the time of each is known."""

    def serving(self) -> Sequence[float]:
        """Processor time until now, see `drivers.Measured`."""


class Here:
    """The judge in this process."""

    def __init__(self, runner: asyncio.Runner, judge: CodeJudge, workers: int) -> None:
        """Args:
        runner: Of the loop that the judge was started in.
        judge: Started.
        workers: Items at one time.
        """
        self._runner = runner
        self._judge = judge
        self._workers = workers

    def all(self, items: Sequence[pb.ScoreItem]) -> list[Timed]:
        """As the service's line does, the next item begins when one is done."""
        return self._runner.run(self._all(items))

    each = all

    def serving(self) -> Sequence[float]:
        """Of this process."""
        return [time.process_time()]

    async def _all(self, items: Sequence[pb.ScoreItem]) -> list[Timed]:
        rest = iter(items)
        done: list[Timed] = []

        async def work() -> None:
            for one in rest:
                started = time.perf_counter()
                deadline = asyncio.get_running_loop().time() + PATIENCE
                verdict = await self._judge.judge(one.code, deadline=deadline)
                done.append((verdict.correct, time.perf_counter() - started))

        await asyncio.gather(*(work() for _ in range(self._workers)))
        return done


class Served:
    """A server of its own on this machine."""

    def __init__(self, client: ScorerClient, server: int, workers: int) -> None:
        """Args:
        client: Of the server.
        server: Its pid.
        workers: Items at one time where they are sent one by one.
        """
        self._client = client
        self._server = server
        self._workers = workers

    def serving(self) -> Sequence[float]:
        """Of client and server."""
        return [time.process_time(), usage.own_cpu_seconds(self._server)]

    def all(self, items: Sequence[pb.ScoreItem]) -> list[Timed]:
        """Sends all at once."""
        return [(result.verdict.correct, 0.0) for result in self._client.score(items)]

    def each(self, items: Sequence[pb.ScoreItem]) -> list[Timed]:
        """Sends them one by one."""
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(self._one, items))

    def _one(self, one: pb.ScoreItem) -> Timed:
        started = time.perf_counter()
        (result,) = self._client.score([one])
        return result.verdict.correct, time.perf_counter() - started


@contextmanager
def started(way: str, workers: int, packages: Sequence[str]) -> Iterator[Judge]:
    """The judge, ready."""
    if way == "served":
        arguments = ["--code.sandbox.slots", str(workers), "--math.workers", "1"]
        arguments += ["--code.sandbox.preload", json.dumps(packages)] if packages else []
        with (
            EmbeddedService.start("scorer", arguments) as service,
            ScorerClient(service.address, timeout=PATIENCE) as client,
        ):
            yield Served(client, service.process.pid, workers)
        return
    preload = {"preload": tuple(packages)} if packages else {}
    with asyncio.Runner() as runner:
        judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=workers, **preload)))
        runner.run(judge.start())
        try:
            yield Here(runner, judge, workers)
        finally:
            runner.run(judge.close())


def main() -> None:
    """Answers lines until the input ends."""
    items: list[pb.ScoreItem] = []
    with started(sys.argv[1], int(sys.argv[2]), sys.argv[3:]) as judge:
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            reply: dict[str, Any] = {}
            if asked["do"] == "prepare":
                items = [item(Task(**task), asked["kind"]) for task in asked["tasks"]]
            else:
                begun, before = time.perf_counter(), judge.serving()
                done = judge.all(items) if asked["do"] == "run" else judge.each(items)
                seconds = time.perf_counter() - begun
                serving = [after - at for after, at in zip(judge.serving(), before, strict=True)]
                latencies = [took for _, took in done if took]
                reply = {"seconds": seconds, "passed": sum(right for right, _ in done), "latencies": latencies}
                reply["serving"] = serving
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
