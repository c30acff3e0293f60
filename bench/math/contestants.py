"""What is timed: ours in this process and behind gRPC, and math-verify."""

import asyncio
import time
from collections.abc import Callable, Sequence

from bench.math import ours
from bench.math.cases import Case
from bench.math.peers import MATH_VERIFY, PeerProcess
from bench.math.timing import Speed

WARM = 20
"""Cases that each judges before the clock starts."""
AT_ONCE = 16
"""Cases under way at one time when the rate is measured in this process: the worker never waits for the next."""

Contestant = Callable[[Sequence[Case], bool], Speed]
"""Cases, and whether the rate is asked for besides the times of single cases."""


def in_process(cases: Sequence[Case], rate: bool) -> Speed:
    """Ours in this process, with one worker."""
    return asyncio.run(_in_process(cases, rate))


def served(workers: int) -> Contestant:
    """Ours behind gRPC on this machine. The rate is that of one call with all cases."""

    def measure(cases: Sequence[Case], rate: bool) -> Speed:
        with ours.served(workers) as client:
            client.score(ours.items(cases[:WARM]))
            latencies = ours.seconds_each(client, cases)
            if not rate:
                return Speed(len(cases) / sum(latencies), tuple(latencies))
            started = time.perf_counter()
            client.score(ours.items(cases))
            return Speed(len(cases) / (time.perf_counter() - started), tuple(latencies))

    return measure


def math_verify(cases: Sequence[Case], rate: bool) -> Speed:
    """math-verify in one process, timed inside of it: nothing of how it is asked counts."""
    del rate  # one at a time is all that it can do
    with PeerProcess(MATH_VERIFY) as process:
        for case in cases[:WARM]:
            process.judge(case, "")
        latencies = [process.judge(case, "")[1] for case in cases]
    return Speed(len(cases) / sum(latencies), tuple(latencies))


async def _in_process(cases: Sequence[Case], rate: bool) -> Speed:
    async with ours.in_process(workers=1) as verifier:
        await ours.judge_all(verifier, cases[:WARM], 1)
        latencies = []
        for case in cases:
            started = time.perf_counter()
            await ours.judge(verifier, case)
            latencies.append(time.perf_counter() - started)
        if not rate:
            return Speed(len(cases) / sum(latencies), tuple(latencies))
        started = time.perf_counter()
        await ours.judge_all(verifier, cases, AT_ONCE)
        return Speed(len(cases) / (time.perf_counter() - started), tuple(latencies))
