"""Judges as the machine gives them, and without namespaces, as in an unprivileged container."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings, RunLimitSettings
from scorer.sandbox.settings import IsolationSettings, SandboxSettings

NAMESPACES = tuple(f"{kind}_namespace" for kind in ("user", "mount", "pid", "network", "ipc", "uts"))
Judge = Callable[..., Awaitable[pb.Verdict]]


@pytest_asyncio.fixture(params=[(), NAMESPACES], ids=["namespaces", "bare"], scope="package", loop_scope="package")
async def code_judge(request: pytest.FixtureRequest) -> AsyncIterator[CodeJudge]:
    sandbox = SandboxSettings(slots=2, isolation=IsolationSettings(without=request.param))
    judge = CodeJudge(CodeSettings(sandbox=sandbox, languages=()))
    await judge.start()
    yield judge
    await judge.close()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def tooled_judge() -> AsyncIterator[CodeJudge]:
    """A judge that has also two other languages for checkers, which may not take long."""
    quick = RunLimitSettings(cpu_seconds=2.0, wall_seconds=20.0)
    settings = CodeSettings(sandbox=SandboxSettings(slots=2), languages=("cpp", "bash"), default_run=quick)
    judge = CodeJudge(settings)
    await judge.start()
    await asyncio.wait_for(judge.settled(), 120)
    yield judge
    await judge.close()


@pytest.fixture
def judge(code_judge: CodeJudge) -> Judge:
    """Judges a Python task that is given by the fields of pb.CodeTask."""

    async def verdict(**fields: Any) -> pb.Verdict:
        deadline = asyncio.get_running_loop().time() + 60
        return await code_judge.judge(pb.CodeTask(**{"language": "python", **fields}), deadline=deadline)

    return verdict


@pytest.fixture
def descendants() -> Callable[[], set[int]]:
    """Lists the pids of the living descendants of this process."""

    def pids() -> set[int]:
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        found = {os.getpid()}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {os.getpid()}

    return pids


@pytest_asyncio.fixture(loop_scope="package")
async def slots_survive(code_judge: CodeJudge, descendants: Callable[[], set[int]]) -> AsyncIterator[None]:
    """The same processes before and after, and none more; both slots answer."""
    before = descendants()
    yield
    await _answers(code_judge)
    assert descendants() == before


@pytest_asyncio.fixture(loop_scope="package")
async def tooled_slots_survive(tooled_judge: CodeJudge, descendants: Callable[[], set[int]]) -> AsyncIterator[None]:
    """The same of the judge with other languages."""
    before = descendants()
    yield
    await _answers(tooled_judge)
    assert descendants() == before


async def _answers(judge: CodeJudge) -> None:
    task = pb.CodeTask(
        language="python", source="print('alive')", stdio=pb.StdioTests(cases=[pb.StdioCase(output="alive")])
    )
    deadline = asyncio.get_running_loop().time() + 30
    verdicts = await asyncio.gather(*(judge.judge(task, deadline=deadline) for _ in range(2 * judge.slots)))
    assert all(verdict.correct for verdict in verdicts)
