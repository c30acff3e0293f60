"""The time that all cases together may take: a program that sleeps in each gets a verdict before any deadline."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.runner import Runner, Together
from scorer.code.settings import CodeSettings
from scorer.errors import DeadlineExceeded
from scorer.sandbox.run import Limit, Result
from scorer.sandbox.settings import SandboxSettings
from tests.scorer.code.test_load import Scripted

pytestmark = pytest.mark.asyncio(loop_scope="module")
SLEEPS = "import time\nx = input()\ntime.sleep(float(x))\nprint(x)"
SLEEPS_IN_CALLS = "import time\ndef f(x):\n    time.sleep(x)\n    return x"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def impatient() -> AsyncIterator[CodeJudge]:
    """A judge that lets an item wait for half a second."""
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=1), languages=(), max_idle_seconds=0.5))
    await judge.start()
    yield judge
    await judge.close()


async def verdict(judge: CodeJudge, seconds: float = 60, **fields: object) -> pb.Verdict:
    task = pb.CodeTask(language="python", limits=pb.RunLimits(wall_seconds=60), **fields)  # type: ignore[arg-type]
    return await judge.judge(task, deadline=asyncio.get_running_loop().time() + seconds)


def stdio(count: int) -> pb.StdioTests:
    return pb.StdioTests(cases=[pb.StdioCase(input="0.3", output="0.3")] * count)


async def test_a_program_that_sleeps_in_each_case_gets_a_verdict(impatient: CodeJudge) -> None:
    found = await verdict(impatient, source=SLEEPS, stdio=stdio(1000), partial_credit=True)
    assert found.reason == pb.REASON_TIME_LIMIT and not found.correct, found
    assert [case.reason for case in found.cases[2:]] == [pb.REASON_TIME_LIMIT] * 998
    assert "all cases together" in found.detail and found.cases[999].wall_seconds == 0
    assert (await verdict(impatient, source=SLEEPS, stdio=stdio(1))).correct


async def test_calls_that_sleep_until_their_run_ends_get_a_verdict(impatient: CodeJudge) -> None:
    cases = [pb.CallCase(arguments="[0.3]", expected="0.3"), pb.CallCase(arguments="[90]", expected="90")] * 500
    task = pb.CodeTask(
        language="python", source=SLEEPS_IN_CALLS, entry_point="f", calls=pb.CallTests(cases=cases),
        partial_credit=True, limits=pb.RunLimits(wall_seconds=1),
    )  # fmt: skip
    found = await impatient.judge(task, deadline=asyncio.get_running_loop().time() + 60)
    assert len(found.cases) == 1000 and found.cases[0].reason == pb.REASON_PASSED, found.cases[0]
    assert {case.reason for case in found.cases[1:]} == {pb.REASON_TIME_LIMIT}


async def test_a_deadline_of_the_clients_comes_first(impatient: CodeJudge) -> None:
    with pytest.raises(DeadlineExceeded):
        await verdict(impatient, seconds=0.5, source="import time\ntime.sleep(50)", stdio=stdio(9))


async def test_computing_is_not_waiting(impatient: CodeJudge) -> None:
    source = "import time\nx = input()\nwhile time.process_time() < 0.3: pass\nprint(x)"
    assert (await verdict(impatient, source=source, stdio=stdio(5))).correct


def took(wall: float, cpu: float, waited: float = 0.0) -> Result:
    return Result(0, None, b"", b"", b"", wall, cpu, 1, waited)


@pytest.mark.parametrize(
    ("results", "left"),
    [
        ([took(3, 1)] * 3, True),
        ([took(3, 1)] * 6, False),  # 12 s idle
        ([took(9, 1, 8)] * 18, True),  # kept from a processor by others
        ([took(2, 2)] * 9, True),
        ([took(2, 2)] * 11, False),  # 22 s in all
        ([took(0.05, 0.01)] * 1000, True),  # too short to tell what it was kept from
    ],
)
async def test_only_what_a_program_does_itself_counts(results: list[Result], left: bool) -> None:
    runner = Runner(Scripted(*results, took(1, 1)), pb.RunLimits(wall_seconds=10), 1, together=Together(10, 20))
    for _ in results:
        await runner.run({})
    assert ((await runner.run({})).limit is Limit.TOGETHER) != left
