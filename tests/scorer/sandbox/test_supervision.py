"""What the one who watches a run has to withstand: output, silence, hoards, and the end of anything at any time."""

import asyncio
import contextlib
import ctypes
import dataclasses
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from scorer.sandbox.errors import SandboxError
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit, Result
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.sandbox.conftest import NAMESPACES
from tests.scorer.sandbox.processes import processes
from tests.scorer.sandbox.test_pool import pair, request_for

LIMITS = Limits(
    cpu_seconds=10, wall_seconds=20, memory_bytes=1 << 30, processes=16, file_bytes=1 << 20, output_bytes=120 << 20,
    channel_bytes=1 << 16,
)  # fmt: skip
TREE = dataclasses.replace(LIMITS, several=True)
_PR_SET_CHILD_SUBREAPER = 36


async def run(pool: SlotPool, source: str, limits: Limits = LIMITS, stdin: bytes | None = None) -> Result:
    before = processes()
    result = await pool.run(request_for(source, stdin, limits))
    assert processes() == before
    return result


@pytest.mark.parametrize("size", [190_000, 50_000_000])
async def test_much_output_on_both_streams_arrives_whole(pool: SlotPool, size: int) -> None:
    source = (
        "import sys\n"
        f"size = {size}\n"
        "while size:\n"
        "    part = min(size, 70000)\n"
        "    sys.stdout.write('o' * part); sys.stderr.write('e' * part)\n"
        "    size -= part\n"
    )
    result = await run(pool, source)
    assert (result.exit, result.limit, result.stdout == b"o" * size, result.stderr == b"e" * size) == (
        0,
        None,
        True,
        True,
    )


async def test_much_output_of_a_whole_tree_arrives_whole(pool: SlotPool) -> None:
    source = (
        "import os\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        for _ in range(100): os.write(1, b'x' * 10000)\n"
        "        os._exit(0)\n"
        "for _ in range(4): os.wait()\n"
    )
    assert (await run(pool, source, TREE)).stdout == b"x" * 4_000_000


async def test_output_and_input_of_any_size_do_not_wait_for_each_other(pool: SlotPool) -> None:
    lines = b"".join(b"%d\n" % number for number in range(500_000))
    result = await run(pool, "import sys\nfor line in sys.stdin: print(line, end='')", stdin=lines)
    assert result.stdout == lines
    assert (await run(pool, "print(1)", stdin=lines)).stdout == b"1\n"


async def test_sparse_and_endless_output_is_bounded(pool: SlotPool) -> None:
    small = dataclasses.replace(LIMITS, output_bytes=100_000, wall_seconds=5)
    sparse = "import os\ntry: os.lseek(1, 1 << 40, 0)\nexcept OSError: pass\nos.write(1, b'x')\n"
    sparse += "try: os.ftruncate(1, 1 << 40)\nexcept OSError: pass"
    assert (await run(pool, sparse, small)).stdout == b"x"
    endless = "import os\nif os.fork() == 0: os.setsid()\nwhile True: os.write(1, b'x' * 100)"
    result = await run(pool, endless, dataclasses.replace(small, several=True))
    assert (result.limit, len(result.stdout)) == (Limit.OUTPUT, 100_001)


@pytest.mark.parametrize(
    "source",
    [
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "for n in range(1, 65):\n"
        "    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "while True: signal.pause()",
        "for n in range(3): os.close(n)\nwhile True: signal.pause()",
        "os.read(os.pipe()[0], 1)",
    ],
    ids=["stopped", "deaf", "silent", "waiting for itself"],
)
async def test_a_run_that_neither_works_nor_ends_is_ended(pool: SlotPool, source: str) -> None:
    short = dataclasses.replace(LIMITS, wall_seconds=0.4)
    for limits in (short, dataclasses.replace(short, several=True)):
        assert (await run(pool, "import os, signal\n" + source, limits)).limit is Limit.WALL


async def test_hoards_of_descriptors_and_full_pipes_are_bounded(pool: SlotPool) -> None:
    source = (
        "import os\n"
        "held = []\n"
        "try:\n"
        "    while len(held) < 5000:\n"
        "        held += os.pipe()\n"
        "        os.set_blocking(held[-1], False)\n"
        "        os.write(held[-1], b'x' * 65536)\n"
        "except OSError as error: print(error.errno, len(held) < 300)\n"
    )
    assert (await run(pool, source)).stdout == b"24 True\n"
    result = await run(pool, "import os\nos.fork(); os.fork()\n" + source, TREE)
    assert b"24 True\n" in result.stdout


async def test_the_first_process_decides_when_a_run_is_over(pool: SlotPool) -> None:
    source = "import os, time\nif os.fork() == 0:\n    time.sleep(15); print('late', flush=True)\nos._exit(4)"
    result = await run(pool, source, TREE)
    assert (result.exit, result.stdout, result.wall_seconds < 10) == (4, b"", True)


async def test_a_pair_with_processes_is_ended_whole(pool: SlotPool) -> None:
    before = processes()
    source = "import os, time\ndef f(x):\n    if os.fork() == 0:\n        os.setsid(); time.sleep(15)\n    return x"
    result = await pool.run(pair(source, "assert f(1) == 1", limits=TREE))
    assert list(result.frames()) == [("ready",), ("end",)]
    assert processes() == before


@pytest.fixture
def adopting() -> Iterator[None]:
    """Makes this process the parent of all that is orphaned below it, so that it sees whatever is left behind."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest_asyncio.fixture(params=[(), NAMESPACES], ids=["namespaces", "bare"])
async def own_pool(request: pytest.FixtureRequest, adopting: None) -> AsyncIterator[SlotPool]:
    isolation = IsolationSettings(without=request.param)
    pool = SlotPool(SandboxSettings(slots=2, grace_seconds=2, isolation=isolation))
    await pool.start()
    yield pool
    await pool.close()


def alive() -> set[int]:
    """Descendants that are no zombies."""
    found = set()
    for pid in processes():
        with contextlib.suppress(OSError):
            if (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
    return found


async def test_whoever_is_killed_at_any_moment_nothing_is_left_and_runs_go_on(own_pool: SlotPool) -> None:
    """Templates, keepers and processes of runs, one at a time, while runs with whole trees go on."""
    source = (
        "import os, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork(): os._exit(0)\n"
        "        time.sleep(15)\n"
        "time.sleep(0.05)\n"
        "print('done')\n"
    )
    chance = random.Random(7)

    async def keep_running(ends: list[str]) -> None:
        while not over.is_set():
            try:
                ends.append((await own_pool.run(request_for(source, limits=TREE))).stdout.decode())
            except SandboxError:
                ends.append("broke")

    over = asyncio.Event()
    ends: list[list[str]] = [[], []]
    runners = [asyncio.create_task(keep_running(own)) for own in ends]
    async with asyncio.timeout(240):
        for _ in range(20):
            await asyncio.sleep(chance.uniform(0.0, 0.2))
            before = [len(own) for own in ends]
            if there := sorted(alive()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(chance.choice(there), signal.SIGKILL)
            # Two each, so that what runs at the next kill began after this one: a run that is hit at each attempt is
            # given up, and rightly.
            while any(len(own) < count + 2 for own, count in zip(ends, before, strict=True)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    over.set()
    await asyncio.gather(*runners)
    both = [end for own in ends for end in own]
    assert both.count("done\n") >= 20
    assert "broke" not in both
    assert (await own_pool.run(request_for("print(1)"))).stdout == b"1\n"
    await own_pool.close()
    async with asyncio.timeout(60):
        while alive():  # noqa: ASYNC110 - the kernel tells nobody when an orphan has ended
            await asyncio.sleep(0.01)


async def test_a_stopped_template_is_ended_with_its_run(own_pool: SlotPool) -> None:
    slots = alive()
    limits = dataclasses.replace(TREE, wall_seconds=2.0)
    source = "import os, time\nif os.fork() == 0: os.setsid()\ntime.sleep(1.5)\nprint(1)"
    waiting = asyncio.create_task(own_pool.run(request_for(source, limits=limits)))
    while len(alive()) < len(slots) + 2 and not waiting.done():  # noqa: ASYNC110 - forks set no event
        await asyncio.sleep(0.01)
    for pid in slots:
        os.kill(pid, signal.SIGSTOP)
    result = await waiting
    assert b"1\n" in result.stdout or result.limit is Limit.WALL
    await own_pool.close()
    async with asyncio.timeout(60):
        while alive():  # noqa: ASYNC110 - the kernel tells nobody when an orphan has ended
            await asyncio.sleep(0.01)
