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

from scorer.math.pool import Outcome, WorkerCrashed, WorkerPool

StartPool = Callable[..., Awaitable[WorkerPool]]
HANGS = ("5", r"\prod_{k=1}^{10000000} k")
GROWS = (r"\frac{1}{x^{20000}-1}", r"\frac{1}{x^{20000}-2}+\frac{1}{x+1}")


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


def worker_of(pool: WorkerPool) -> int:
    """The process id of a pool's only worker."""
    (pid,) = children(template_of(pool))
    return pid


async def test_compares(start_pool: StartPool) -> None:
    pool = await start_pool()
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL
    assert (await pool.compare("x+1", "x+2", 60)).outcome is Outcome.DIFFERENT
    assert pool.kills == 0


async def test_a_comparison_over_its_time_is_killed_and_its_worker_replaced(start_pool: StartPool) -> None:
    pool = await start_pool()
    worker = worker_of(pool)
    assert (await pool.compare(*HANGS, 0.3)).outcome is Outcome.TIME
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL
    assert worker_of(pool) != worker
    await reaped(worker)
    assert pool.kills == 1


async def test_a_comparison_over_its_memory_is_undecided_and_its_worker_replaced(start_pool: StartPool) -> None:
    pool = await start_pool(memory_bytes=2**24)
    worker = worker_of(pool)
    assert (await pool.compare(*GROWS, 60)).outcome is Outcome.MEMORY
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL
    assert worker_of(pool) != worker


async def test_cancelling_kills_the_worker(start_pool: StartPool) -> None:
    pool = await start_pool()
    worker = worker_of(pool)
    task = asyncio.ensure_future(pool.compare(*HANGS, 600))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await reaped(worker)
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL


async def test_waiting_for_a_worker_can_be_cancelled(start_pool: StartPool) -> None:
    pool = await start_pool()
    busy = asyncio.ensure_future(pool.compare(*HANGS, 0.5))
    waiting = asyncio.ensure_future(pool.compare("x+1", "1+x", 60))
    await asyncio.sleep(0.05)
    waiting.cancel()
    assert (await busy).outcome is Outcome.TIME
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL


async def test_a_crashed_worker_is_replaced_and_the_job_done_again(start_pool: StartPool) -> None:
    pool = await start_pool()
    worker = worker_of(pool)
    os.kill(worker, signal.SIGSEGV)
    await reaped(worker)
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL


async def test_a_job_that_crashes_two_workers_fails(start_pool: StartPool) -> None:
    pool = await start_pool()
    task = asyncio.ensure_future(pool.compare(*HANGS, 600))
    for _ in range(2):
        await asyncio.sleep(0.2)
        os.kill(worker_of(pool), signal.SIGSEGV)
    with pytest.raises(WorkerCrashed):
        await task
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL


async def test_a_lost_template_is_started_again(start_pool: StartPool) -> None:
    pool = await start_pool()
    template, worker = template_of(pool), worker_of(pool)
    os.kill(template, signal.SIGKILL)
    await ended(worker)  # the kernel takes the workers along
    assert (await pool.compare("x+1", "1+x", 60)).outcome is Outcome.EQUAL
    assert template_of(pool) != template


async def test_closing_leaves_no_process(start_pool: StartPool) -> None:
    pool = await start_pool(workers=2)
    template = template_of(pool)
    workers = children(template)
    assert len(workers) == 2
    task = asyncio.ensure_future(pool.compare(*HANGS, 600))
    await asyncio.sleep(0.05)
    await pool.close()
    await reaped(template)
    for pid in workers:
        await ended(pid)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, WorkerCrashed)):
        await task


async def test_workers_do_not_outlive_a_killed_service() -> None:
    program = """
        import asyncio
        from scorer.math.pool import WorkerPool
        from scorer.math.settings import MathSettings

        async def main():
            pool = WorkerPool(MathSettings(workers=2))
            await pool.start()
            busy = asyncio.ensure_future(pool.compare("5", r"\\prod_{k=1}^{10000000} k", 600))
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
        assert len(workers) == 2
    finally:
        service.kill()
        service.communicate()
    for pid in {template, *workers}:
        await ended(pid)
