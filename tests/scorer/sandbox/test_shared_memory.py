"""Semaphores and shared memory between the processes of a run: there where runs may have several, and gone after it."""

import dataclasses

import pytest

from scorer.sandbox.pool import SlotPool
from tests.scorer.sandbox.test_pool import request_for
from tests.scorer.sandbox.test_profiles import CALC, PROC

POOL = """
import multiprocessing, concurrent.futures
def square(x): return x * x
with multiprocessing.Pool(2) as workers: print(sum(workers.map(square, range(10))))
with concurrent.futures.ProcessPoolExecutor(2) as workers: print(sum(workers.map(square, range(10))))
queue = multiprocessing.Queue()
process = multiprocessing.Process(target=queue.put, args=("sent",))
process.start()
print(queue.get(timeout=30))
process.join()
"""
LEAVES = """
import os
with open('/dev/shm/left', 'wb') as file: file.write(b'x' * (1 << 16))
print(sorted(os.listdir('/dev/shm')))
"""
FILLS = """
import errno
written = 0
try:
    for name in range(100):
        with open(f'/dev/shm/{name}', 'wb') as file: written += file.write(bytes(1 << 16))
except OSError as error: print(errno.errorcode[error.errno], written <= 1 << 20)
"""


@pytest.fixture
def shared(pool: SlotPool) -> SlotPool:
    active = {layer.name for layer in pool.layers if layer.active}
    if not (pool.several and "mount_namespace" in active):
        pytest.skip("nothing can be mounted here")
    return pool


async def test_pools_and_queues_of_processes_work(shared: SlotPool) -> None:
    result = await shared.run(request_for(POOL, limits=PROC))
    assert (result.stdout, result.stderr, result.exit) == (b"285\n285\nsent\n", b"", 0), result


async def test_what_a_run_leaves_there_is_gone(shared: SlotPool) -> None:
    for _ in range(shared.size + 1):
        result = await shared.run(request_for(LEAVES, limits=PROC))
        assert result.stdout == b"['left']\n", result


async def test_it_is_bounded_as_files_are(shared: SlotPool) -> None:
    limits = dataclasses.replace(PROC, file_bytes=1 << 20)
    assert (await shared.run(request_for(FILLS, limits=limits))).stdout == b"ENOSPC True\n"


async def test_a_run_of_one_process_has_none(shared: SlotPool) -> None:
    result = await shared.run(request_for("open('/dev/shm/x', 'w')", limits=CALC))
    assert result.exit == 1, result


async def test_nothing_is_executed_from_there(shared: SlotPool) -> None:
    source = (
        "import os, shutil\nshutil.copy('/bin/true', '/dev/shm/true')\nos.chmod('/dev/shm/true', 0o700)\n"
        "try: os.execv('/dev/shm/true', ['true'])\nexcept OSError as error: print(error.errno)"
    )
    assert (await shared.run(request_for(source, limits=PROC))).stdout in (b"1\n", b"13\n")
