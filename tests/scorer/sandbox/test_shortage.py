"""What a moment without descriptors costs: runs, but no slot."""

import asyncio
import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scorer.sandbox.errors import SandboxError
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.sandbox.conftest import NAMESPACES
from tests.scorer.sandbox.processes import processes
from tests.scorer.sandbox.test_pool import run

_SHORT_SECONDS = 1.0


async def hoard_while(pool: SlotPool, *, killed: bool) -> str:
    """Uses up all descriptors, has a run fail, and says what another one gives when there are some again."""
    victims = processes() if killed else set()
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        pass
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):  # it went with the one before
            os.kill(pid, signal.SIGKILL)
    waiting = asyncio.ensure_future(run(pool, "print(1)"))
    await asyncio.sleep(_SHORT_SECONDS)
    for descriptor in taken:
        os.close(descriptor)
    results = await asyncio.gather(waiting, return_exceptions=True)
    if isinstance(results[0], BaseException) and not isinstance(results[0], SandboxError):
        raise results[0]
    async with asyncio.timeout(20):
        return "".join([(await run(pool, "print(2)")).stdout.decode() for _ in range(3)])


async def main(without: tuple[str, ...]) -> None:
    """Is a process of its own, since its parent should keep its descriptors."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    for killed in (False, True):
        pool = SlotPool(SandboxSettings(slots=1, isolation=IsolationSettings(without=without)))
        await pool.start()
        print(repr(await hoard_while(pool, killed=killed)))
        await pool.close()
    assert processes() == set()


def printed(coroutine: str) -> str:
    """What a coroutine of this module prints in a process of its own."""
    program = f"import asyncio; from {__name__} import *; asyncio.run({coroutine})"
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("without", [(), NAMESPACES], ids=["namespaces", "bare"])
async def test_a_slot_comes_back_after_a_moment_without_descriptors(without: tuple[str, ...]) -> None:
    output = await asyncio.to_thread(printed, f"main({without!r})")
    assert output.splitlines() == [repr("2\n" * 3)] * 2


async def start_with_few() -> None:
    """Is a process of its own, since it has to have few open files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        await SlotPool(SandboxSettings(slots=1)).start()
    except SandboxError as error:
        print(error)


async def test_too_few_open_files_are_named() -> None:
    assert re.search(r"64 open files .* needs 256 .*ulimit -n", await asyncio.to_thread(printed, "start_with_few()"))
