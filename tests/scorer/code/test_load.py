"""A machine that is busy with other things changes no verdict; at most it leaves one out."""

import asyncio
import dataclasses
import os
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.runner import Runner
from scorer.code.settings import CodeSettings
from scorer.errors import MachineLoaded
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit, Request, Result
from scorer.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
BUSY = "import os, signal\nsignal.alarm(60)\nwhile True: pass"
SLEEPS = "import time; time.sleep(60)"
COMPUTES = "import time\nwhile time.process_time() < 0.3: pass\nprint('done')"
IN_A_THREAD = (
    f"import threading\ndef work():\n    exec({COMPUTES!r})\nt = threading.Thread(target=work)\nt.start()\nt.join()"
)
DONE = pb.StdioTests(cases=[pb.StdioCase(output="done")])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_processor_shared_with_many() -> AsyncIterator[CodeJudge]:
    """A judge whose runs get a small share of one processor."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(mine)})
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=1), languages=()))
    others = []
    try:
        await judge.start()
        others = [await busy() for _ in range(8)]
        yield judge
    finally:
        for other in others:
            other.kill()
            await other.wait()
        await judge.close()
        os.sched_setaffinity(0, mine)


async def busy() -> asyncio.subprocess.Process:
    """In a session of its own: the kernel may divide a processor among sessions first, and then within each."""
    return await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", BUSY, start_new_session=True)


async def verdict(judge: CodeJudge, source: str, limits: pb.RunLimits) -> pb.Verdict:
    task = pb.CodeTask(language="python", source=source, stdio=DONE, limits=limits)
    return await judge.judge(task, deadline=asyncio.get_running_loop().time() + 120)


@pytest.mark.parametrize("source", [COMPUTES, IN_A_THREAD], ids=["main thread", "another thread"])
async def test_a_program_that_waits_for_a_processor_is_never_wrong(
    one_processor_shared_with_many: CodeJudge, source: str
) -> None:
    """It needs 0.3 s of processor time, and of an elapsed second it gets a ninth."""
    found: list[pb.Verdict | None] = []
    for wall in (0.5, 1.0, 1.5):
        try:
            found.append(await verdict(one_processor_shared_with_many, source, pb.RunLimits(wall_seconds=wall)))
        except MachineLoaded:
            found.append(None)
    assert all(one is None or one.correct for one in found)
    assert any(one is None or one.cases[0].repeated for one in found)


async def test_a_program_that_sleeps_is_over_its_time_at_once(one_processor_shared_with_many: CodeJudge) -> None:
    found = await verdict(one_processor_shared_with_many, SLEEPS, pb.RunLimits(wall_seconds=4))
    assert found.reason == pb.REASON_TIME_LIMIT and not found.cases[0].repeated


class Scripted(SlotPool):
    """Gives the results that it was made with."""

    def __init__(self, *given: Result) -> None:
        self.given = list(given)
        self.asked: list[Limits] = []

    async def run(self, request: Request) -> Result:
        self.asked.append(request.limits)
        return self.given.pop(0)


def ended(limit: Limit | None, waited: float) -> Result:
    return Result(0, limit, b"", b"", b"", 2.0, 0.5, 1, waited)


async def test_only_runs_that_the_machine_kept_waiting_are_repeated_and_only_once() -> None:
    limits = pb.RunLimits(wall_seconds=2)
    for first in (ended(Limit.WALL, 0.1), ended(Limit.CPU, 1.9), ended(None, 1.9), ended(Limit.OUTPUT, 1.9)):
        assert not (await Runner(Scripted(first), limits, 1).run({})).repeated
    for second in (ended(None, 0.0), ended(Limit.CPU, 3.0), ended(Limit.WALL, 0.1)):
        pool = Scripted(ended(Limit.WALL, 1.0), second)
        runner = Runner(pool, limits, 1)
        result = await runner.run({})
        assert result.repeated and result.limit == second.limit
        assert [limits.wall_seconds for limits in pool.asked] == [2.0, 6.0]
        assert runner.account.wall_seconds == 4.0
    ended_late = dataclasses.replace(ended(Limit.WALL, 0.3), wall_seconds=4.5)
    assert (await Runner(Scripted(ended_late, ended(None, 0.0)), limits, 1).run({})).repeated
    had_its_time = dataclasses.replace(ended(Limit.WALL, 3.0), wall_seconds=6.0)
    result = await Runner(Scripted(ended(Limit.WALL, 1.0), had_its_time), limits, 1).run({})
    assert result.repeated and result.limit is Limit.WALL
    with pytest.raises(MachineLoaded):
        await Runner(Scripted(ended(Limit.WALL, 1.0), ended(Limit.WALL, 3.0)), limits, 1).run({})
