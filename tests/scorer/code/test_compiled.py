"""Checkers that are compiled once for many items: which are kept, and that none is closed while in use or left open."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.compiled import CompiledPrograms, Shared
from scorer.code.languages import LANGUAGES
from scorer.code.languages.program import ExecutedProgram
from scorer.code.languages.toolchain import Toolchain
from scorer.code.runner import Runner
from scorer.code.settings import CodeSettings
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[Runner]:
    """Performs the runs of compilers."""
    pool = SlotPool(SandboxSettings(slots=2), Toolchain.find(LANGUAGES["bash"], None).exposed)
    await pool.start()
    yield Runner(pool, pb.RunLimits(**CodeSettings().compile.model_dump()), 1 << 16, True)
    await pool.close()


@pytest.fixture
def bash() -> Toolchain:
    return Toolchain.find(LANGUAGES["bash"], None)


def is_open(shared: Shared) -> bool:
    assert isinstance(shared.program, ExecutedProgram)
    try:
        return shared.program.artifact.fileno() >= 0
    except ValueError:
        return False


async def test_a_program_is_compiled_once_even_when_many_want_it_at_once(runner: Runner, bash: Toolchain) -> None:
    programs = CompiledPrograms()
    taken = await asyncio.gather(*(programs.take(bash, "exit 0", runner) for _ in range(5)))
    assert len({id(shared) for shared in taken}) == 1 and taken[0].users == 5
    other = await programs.take(bash, "exit 1", runner)
    assert other is not taken[0]
    for shared in (*taken, other):
        programs.give_back(shared)
    assert is_open(taken[0]) and await programs.take(bash, "exit 0", runner) is taken[0]
    programs.close()
    assert is_open(taken[0]) and not is_open(other)  # one of them is in use
    programs.give_back(taken[0])
    assert not is_open(taken[0])


@pytest.mark.parametrize("bounds", [{"most": 2}, {"most_bytes": 2 * len("exit 10")}])
async def test_the_oldest_goes_when_there_are_too_many_or_too_large(
    runner: Runner, bash: Toolchain, bounds: dict[str, int]
) -> None:
    programs = CompiledPrograms(**bounds)
    taken = [await programs.take(bash, f"exit {n}", runner) for n in (10, 11)]
    for shared in taken:
        programs.give_back(shared)
    assert all(map(is_open, taken))
    assert await programs.take(bash, "exit 10", runner) is taken[0]  # and so it is not the oldest any more
    third = await programs.take(bash, "exit 12", runner)
    assert not is_open(taken[1]) and is_open(taken[0]) and is_open(third)
    fourth = await programs.take(bash, "exit 13", runner)
    assert is_open(taken[0]), "it is still in use"
    programs.give_back(taken[0])
    assert not is_open(taken[0]) and is_open(third) and is_open(fourth)
    programs.close()
    for shared in (third, fourth):
        programs.give_back(shared)
        assert not is_open(shared)


async def test_what_is_too_large_alone_is_used_but_not_kept(runner: Runner, bash: Toolchain) -> None:
    programs = CompiledPrograms(most_bytes=3)
    shared = await programs.take(bash, "exit 0", runner)
    assert is_open(shared)
    programs.give_back(shared)
    assert not is_open(shared)


async def test_what_does_not_compile_and_who_is_interrupted_leave_nothing_behind(
    runner: Runner, bash: Toolchain
) -> None:
    programs = CompiledPrograms()
    broken = await programs.take(bash, "if", runner)
    assert not isinstance(broken.program, ExecutedProgram)
    programs.give_back(broken)
    assert await programs.take(bash, "if", runner) is not broken
    interrupted = asyncio.create_task(programs.take(bash, "exit 3", runner))
    patient = asyncio.create_task(programs.take(bash, "exit 3", runner))
    await asyncio.sleep(0)
    interrupted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await interrupted
    assert is_open(await patient)
