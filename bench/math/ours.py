"""This project's verifier: in this process, or behind gRPC."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from bench.math.cases import Case
from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from scorer.errors import TaskError
from scorer.math.settings import MathSettings
from scorer.math.verifier import MathVerifier

PATIENCE = 600.0
"""Seconds after which an item is given up: far above what the verifier allows itself."""


@dataclass(frozen=True)
class Verdict:
    """What ours said."""

    accepted: bool | None
    """None: undecided, or no verdict at all."""
    extracted: str
    rule: str
    reason: str
    """Name of the reason, or what is wrong with the task."""
    seconds: float
    """From asking to the answer."""


def settings(workers: int) -> MathSettings:
    """Those of the service, without the cache of verdicts."""
    return MathSettings(workers=workers, cache_bytes=0)


@asynccontextmanager
async def in_process(workers: int) -> AsyncIterator[MathVerifier]:
    """A verifier with its workers."""
    verifier = MathVerifier(settings(workers))
    await verifier.start()
    try:
        yield verifier
    finally:
        await verifier.close()


@contextmanager
def served(workers: int) -> Iterator[ScorerClient]:
    """A client of a scorer of its own, on this machine."""
    with (
        EmbeddedService.start("scorer", ["--math.workers", str(workers), "--math.cache-bytes", "0"]) as service,
        ScorerClient(service.address, timeout=PATIENCE) as client,
    ):
        yield client


async def judge(verifier: MathVerifier, case: Case) -> Verdict:
    """The verdict of a verifier in this process; a gold answer that cannot be used has none."""
    started = time.monotonic()
    try:
        verdict = await verifier.verify(case.task, deadline=asyncio.get_running_loop().time() + PATIENCE)
    except TaskError as error:
        return Verdict(None, "", "", str(error), time.monotonic() - started)
    seconds = time.monotonic() - started
    accepted = verdict.correct if verdict.HasField("correct") else None
    return Verdict(accepted, verdict.extracted, verdict.matched_rule, pb.Reason.Name(verdict.reason), seconds)


async def judge_all(verifier: MathVerifier, cases: Sequence[Case], at_once: int) -> list[Verdict]:
    """The verdicts, with so many cases under way at one time."""
    limit = asyncio.Semaphore(at_once)

    async def one(case: Case) -> Verdict:
        async with limit:
            return await judge(verifier, case)

    return await asyncio.gather(*(one(case) for case in cases))


def items(cases: Sequence[Case]) -> list[pb.ScoreItem]:
    """The cases for a client."""
    return [pb.ScoreItem(id=case.id, math=case.task) for case in cases]


def seconds_each(client: ScorerClient, cases: Sequence[Case]) -> list[float]:
    """The time from asking to having the verdict of each case, one at a time."""
    times = []
    for item in items(cases):
        started = time.perf_counter()
        client.score([item])
        times.append(time.perf_counter() - started)
    return times
