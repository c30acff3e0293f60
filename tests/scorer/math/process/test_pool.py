"""Workers that hang, grow, crash or lose their parent."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from scorer.errors import DeadlineExceeded, MachineLoaded
from scorer.math.judgement import Options, Outcome
from scorer.math.process.handle import WorkerCrashed
from scorer.math.process.pool import SPARES, WorkerPool
from scorer.math.process.wire import Job

StartPool = Callable[..., Awaitable[WorkerPool]]
EQUAL, DIFFERENT = Job(("x",), "x"), Job(("x",), "y")
HANGS, GROWS, ALGEBRA, CRASHES = (Job(("x",), answer) for answer in ("hang", "grow", "algebra", "crash"))
ENDLESS = {"cpu_seconds": 300, "wall_seconds": 3600}

pytestmark = pytest.mark.usefixtures("scripted")


def children(pid: int) -> set[int]:
    """Direct children of a process."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def state(pid: int) -> str:
    """The letter that the kernel gives a process's state; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


async def reaped(pid: int) -> None:
    """Waits until a process has ended and nothing of it is left."""
    async with asyncio.timeout(30):
        while state(pid):  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.01)


async def ended(pid: int) -> None:
    """Waits until a process has ended. Orphans are reaped by the system's first process, if it does so."""
    async with asyncio.timeout(30):
        while state(pid) not in ("", "Z"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def template_of(pool: WorkerPool) -> int:
    """The process id of a pool's template."""
    assert pool._template is not None
    return pool._template.pid


async def busy(pool: WorkerPool) -> int:
    """The process id of a pool's only busy worker, once it has one."""
    async with asyncio.timeout(30):
        while not pool._busy:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (worker,) = pool._busy
    return worker._process.pid


async def test_compares(start_pool: StartPool) -> None:
    pool = await start_pool()
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL
    assert (await pool.compare(DIFFERENT)).outcome is Outcome.DIFFERENT
    assert pool.kills == 0


async def test_a_worker_is_used_again_unless_the_algebra_system_ran(start_pool: StartPool) -> None:
    pool = await start_pool()
    workers = set(pool._ready)
    for _ in range(3):
        assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL
    assert set(pool._ready) == workers
    assert (await pool.compare(ALGEBRA)).retire
    assert set(pool._ready) != workers


async def test_large_jobs_arrive_whole(start_pool: StartPool) -> None:
    pool = await start_pool()
    job = Job(("y",), "x", Options(choices=("y" * 100_000,) * 26))
    assert (await pool.compare(job)).outcome is Outcome.DIFFERENT


async def test_a_comparison_over_its_processor_time_is_killed(start_pool: StartPool) -> None:
    pool = await start_pool(cpu_seconds=0.3)
    asked = asyncio.ensure_future(pool.compare(HANGS))
    worker = await busy(pool)
    reply = await asked
    assert reply.outcome is Outcome.TIME
    assert reply.detail
    await reaped(worker)
    assert pool.kills == 1
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_elapsed_time_without_processor_time_is_no_verdict(start_pool: StartPool) -> None:
    pool = await start_pool(wall_seconds=0.5)
    asked = asyncio.ensure_future(pool.compare(HANGS))
    worker = await busy(pool)
    os.kill(worker, signal.SIGSTOP)  # as on a machine that has no time for it
    with pytest.raises(MachineLoaded):
        await asked
    await reaped(worker)
    assert (await pool.compare(DIFFERENT)).outcome is Outcome.DIFFERENT


async def test_a_deadline_ends_the_work_and_the_waiting(start_pool: StartPool) -> None:
    pool = await start_pool(**ENDLESS)
    now = asyncio.get_running_loop().time()
    working = asyncio.ensure_future(pool.compare(HANGS, now + 0.4))
    worker = await busy(pool)
    waiting = asyncio.ensure_future(pool.compare(EQUAL, now + 0.2))
    for late in (waiting, working):
        with pytest.raises(DeadlineExceeded):
            await late
    await reaped(worker)
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_a_comparison_over_its_memory_is_undecided(start_pool: StartPool) -> None:
    pool = await start_pool(memory_bytes=2**24, **ENDLESS)
    assert (await pool.compare(GROWS)).outcome is Outcome.MEMORY
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_cancelling_kills_the_worker(start_pool: StartPool) -> None:
    pool = await start_pool(**ENDLESS)
    task = asyncio.ensure_future(pool.compare(HANGS))
    worker = await busy(pool)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await reaped(worker)
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_waiting_for_a_worker_can_be_cancelled(start_pool: StartPool) -> None:
    pool = await start_pool(cpu_seconds=0.3)
    working = asyncio.ensure_future(pool.compare(HANGS))
    waiting = asyncio.ensure_future(pool.compare(EQUAL))
    await asyncio.sleep(0.05)
    waiting.cancel()
    assert (await working).outcome is Outcome.TIME
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_a_worker_that_is_cancelled_as_it_is_handed_over_is_not_lost(start_pool: StartPool) -> None:
    pool = await start_pool()
    for _ in range(4):
        first, second = (asyncio.ensure_future(pool.compare(DIFFERENT)) for _ in range(2))
        await asyncio.sleep(0)
        await first
        second.cancel()  # the worker may be on its way to it
        await asyncio.gather(second, return_exceptions=True)
    assert not pool._busy
    assert (await pool.compare(DIFFERENT)).outcome is Outcome.DIFFERENT


async def test_an_idle_worker_that_dies_is_replaced(start_pool: StartPool) -> None:
    pool = await start_pool()
    for worker in list(pool._ready):
        os.kill(worker._process.pid, signal.SIGSEGV)
        await reaped(worker._process.pid)
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_a_job_that_crashes_two_workers_fails(start_pool: StartPool) -> None:
    pool = await start_pool()
    with pytest.raises(WorkerCrashed):
        await pool.compare(CRASHES)
    assert pool.kills == 2
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_a_worker_that_crashes_once_is_no_failure(start_pool: StartPool) -> None:
    pool = await start_pool(cpu_seconds=0.5)
    asked = asyncio.ensure_future(pool.compare(HANGS))
    os.kill(await busy(pool), signal.SIGSEGV)
    assert (await asked).outcome is Outcome.TIME


async def test_a_fault_of_ours_is_told_by_its_place_and_without_the_answer(start_pool: StartPool) -> None:
    pool = await start_pool()
    with pytest.raises(RuntimeError, match=r"ZeroDivisionError at .*scripted.py:\d+") as caught:
        await pool.compare(Job(("x",), "fault"))
    assert "secret" not in str(caught.value)
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL


async def test_a_lost_template_is_started_again(start_pool: StartPool) -> None:
    pool = await start_pool()
    template = template_of(pool)
    workers = children(template)
    os.kill(template, signal.SIGKILL)
    for worker in workers:
        await ended(worker)  # the kernel takes the workers along
    assert (await pool.compare(EQUAL)).outcome is Outcome.EQUAL
    assert template_of(pool) != template


async def test_closing_leaves_no_process(start_pool: StartPool) -> None:
    pool = await start_pool(workers=2, **ENDLESS)
    template = template_of(pool)
    workers = children(template)
    assert len(workers) == 2 + SPARES
    tasks = [asyncio.ensure_future(pool.compare(HANGS)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await pool.close()
    await reaped(template)
    for pid in workers:
        await ended(pid)
    for task in tasks:
        with pytest.raises(WorkerCrashed):
            await task


async def test_workers_do_not_outlive_a_killed_service() -> None:
    program = """
        import asyncio
        from scorer.math.process import template
        from scorer.math.process.pool import WorkerPool
        from scorer.math.process.wire import Job
        from scorer.math.settings import MathSettings

        async def main():
            template.PROGRAM = "tests.scorer.math.process.scripted"
            pool = WorkerPool(MathSettings(workers=2, cpu_seconds=300, wall_seconds=3600))
            await pool.start()
            busy = asyncio.ensure_future(pool.compare(Job(("x",), "hang")))
            await asyncio.sleep(0.1)
            print(pool._template.pid, flush=True)
            await busy

        asyncio.run(main())
    """
    service = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert service.stdout is not None
        template = int(await asyncio.to_thread(service.stdout.readline))
        workers = children(template)
        assert len(workers) == 2 + SPARES
    finally:
        service.kill()
        service.communicate()
    for pid in {template, *workers}:
        await ended(pid)
