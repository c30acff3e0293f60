"""What is timed: ours in one process and behind gRPC, and math-verify.

Every measurement has processes of its own, warmed up with other cases: nothing that is kept from one comparison to the
next can help, and so the rate and the times of single cases are measured apart.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from bench.math import ours
from bench.math.cases import Case
from bench.math.peers import MATH_VERIFY, PeerProcess

AT_ONCE = 16
"""Cases under way at one time when the rate is measured in one process: the worker never waits for the next."""
WARM_UP = [
    Case(f"warm/{number}", rf"\frac{{x^2+{number}x}}{{2}}", True, "", None, f"0.5*x*({number}+x)")
    for number in range(1, 31)
] + [
    Case(f"warm/{number}", str(number), True, "", f"Adding them gives $3+{number - 3}=\\boxed{{{number}}}$.", None)
    for number in range(1001, 1201)
]


@dataclass(frozen=True)
class Contestant:
    """One way to have cases judged."""

    name: str
    latencies: Callable[[Sequence[Case]], list[float]]
    """Seconds of each case, one at a time."""
    rate: Callable[[Sequence[Case]], float] | None = None
    """Cases per second when many are asked at once; None when it judges one at a time anyway."""


def _seconds_of_math_verify(cases: Sequence[Case]) -> list[float]:
    """Timed inside of the process: nothing of how it is asked counts."""
    with PeerProcess(MATH_VERIFY) as process:
        for case in WARM_UP:
            process.judge(case, "")
        return [process.judge(case, "")[1] for case in cases]


def _in_new_process(measure: Callable[[Sequence[Case]], list[float]]) -> Callable[[Sequence[Case]], list[float]]:
    def measured(cases: Sequence[Case]) -> list[float]:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
            return executor.submit(measure, list(cases)).result()

    return measured


def seconds_here(cases: Sequence[Case]) -> list[float]:
    """Ours in this process, which has judged nothing before."""

    async def measure() -> list[float]:
        async with ours.in_process(workers=1) as verifier:
            await ours.judge_all(verifier, WARM_UP, 1)
            times = []
            for case in cases:
                started = time.perf_counter()
                await ours.judge(verifier, case)
                times.append(time.perf_counter() - started)
            return times

    return asyncio.run(measure())


def seconds_together_here(cases: Sequence[Case]) -> list[float]:
    """The time that ours in this process, which has judged nothing before, takes for all."""

    async def measure() -> float:
        async with ours.in_process(workers=1) as verifier:
            await ours.judge_all(verifier, WARM_UP, 1)
            started = time.perf_counter()
            await ours.judge_all(verifier, cases, AT_ONCE)
            return time.perf_counter() - started

    return [asyncio.run(measure())]


def _rate_here(cases: Sequence[Case]) -> float:
    return len(cases) / _in_new_process(seconds_together_here)(cases)[0]


def _served(workers: int) -> Contestant:
    def latencies(cases: Sequence[Case]) -> list[float]:
        with ours.served(workers) as client:
            client.score(ours.items(WARM_UP))
            return ours.seconds_each(client, cases)

    def rate(cases: Sequence[Case]) -> float:
        with ours.served(workers) as client:
            client.score(ours.items(WARM_UP))
            items = ours.items(cases)
            started = time.perf_counter()
            client.score(items)
            return len(cases) / (time.perf_counter() - started)

    return Contestant(f"ours over gRPC, {workers} worker{'s' if workers > 1 else ''}", latencies, rate)


REFERENCE = Contestant(MATH_VERIFY.title, _seconds_of_math_verify)
CONTESTANTS = (
    REFERENCE,
    Contestant("ours in process", _in_new_process(seconds_here), _rate_here),
    _served(1),
    _served(2),
)
