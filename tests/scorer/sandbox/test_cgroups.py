"""Control groups, on machines where the service's own group may be used."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from scorer.sandbox.cgroups import Cgroups
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit, Request, Result
from scorer.sandbox.settings import IsolationSettings, SandboxSettings

LIMITS = Limits(
    cpu_seconds=20, wall_seconds=30, memory_bytes=64 << 20, processes=8, file_bytes=1 << 20, output_bytes=1 << 20,
    channel_bytes=1 << 16, several=True, reserve=False,
)  # fmt: skip


def groups() -> set[Path]:
    return {path for path in Path("/sys/fs/cgroup").rglob(f"codaserve-slot-{os.getpid()}-*") if path.is_dir()}


@pytest.fixture(autouse=True)
def _usable() -> None:
    found = Cgroups()
    found.close()
    if found.reason:
        pytest.skip(found.reason)


@pytest_asyncio.fixture(params=[(), ("pid_namespace", "mount_namespace")], ids=["namespaces", "bare"])
async def pool(request: pytest.FixtureRequest) -> AsyncIterator[SlotPool]:
    settings = SandboxSettings(slots=1, isolation=IsolationSettings(without=request.param, require=("cgroups",)))
    others = groups()  # of pools that several test files share
    started = SlotPool(settings)
    await started.start()
    yield started
    await started.close()
    assert groups() == others


async def run(pool: SlotPool, source: str, several: bool = True) -> Result:
    limits = Limits(**{**LIMITS.__dict__, "several": several, "processes": 8 if several else 1})
    return await pool.run(Request(json.dumps({"kind": "stdio", "source": source}).encode(), None, limits))


def pids_in(folders: set[Path]) -> set[int]:
    return {int(pid) for folder in folders for pid in (folder / "cgroup.procs").read_text().split()}


FILL = "x = b'x' * (40 << 20)\n"


async def test_processes_that_together_use_too_much_memory_are_ended_but_never_the_template(pool: SlotPool) -> None:
    if not pool.several:
        pytest.skip("runs have one process here")
    before = pids_in(groups())
    source = f"import os, time\nfor _ in range(5):\n    if os.fork() == 0: break\n{FILL}time.sleep(60)"
    started = time.monotonic()
    for _ in range(3):
        result = await run(pool, source + "\nprint('all are there')")
        assert b"all" not in result.stdout
        if time.monotonic() - started > 20:
            break
    assert pids_in(groups()) == before
    assert (await run(pool, "print(1)")).stdout == b"1\n"


async def test_a_run_that_the_kernel_ends_for_its_memory_says_so(pool: SlotPool) -> None:
    """Private file mappings count for RLIMIT_DATA only when they can be written, shared ones never."""
    before = pids_in(groups())
    source = "import mmap\nx = mmap.mmap(-1, 1 << 30)\nfor at in range(0, 1 << 30, 4096): x[at] = 1\nprint('done')"
    for _ in range(2):
        result = await run(pool, source, several=False)
        assert (result.limit, result.exit) == (Limit.MEMORY, -9), result
    assert (await run(pool, "import os; os.kill(os.getpid(), 9)", several=False)).limit is None
    assert pids_in(groups()) == before


async def test_what_a_run_may_use_is_there(pool: SlotPool) -> None:
    for _ in range(3):
        assert (await run(pool, FILL + "print(len(x))", several=False)).stdout == b"41943040\n"


async def test_what_is_kept_of_earlier_runs_takes_nothing_from_later_ones(pool: SlotPool) -> None:
    if not any(layer.name == "mount_namespace" and layer.active for layer in pool.layers):
        pytest.skip("runs have no files here")
    limits = Limits(**{**LIMITS.__dict__, "several": False, "processes": 1, "file_bytes": 40 << 20})
    make = {"kind": "stdio", "source": "f = open('made', 'wb')\nfor _ in range(36): f.write(bytes(1 << 20))"}
    kept = []
    for _ in range(6):
        result = await pool.run(Request(json.dumps(make).encode(), None, limits, collect="made"))
        assert result.artifact is not None and result.artifact.size == 36 << 20, result
        kept.append(result.artifact)
    for _ in range(3):
        assert (await run(pool, FILL + "print(len(x))", several=False)).stdout == b"41943040\n"
    source = "import mmap\nx = mmap.mmap(-1, 1 << 30)\nfor at in range(0, 1 << 30, 4096): x[at] = 1\nprint('done')"
    assert (await run(pool, source, several=False)).limit is Limit.MEMORY
    for artifact in kept:
        artifact.close()
    assert (await run(pool, source, several=False)).limit is Limit.MEMORY


async def test_a_run_cannot_get_at_its_group(pool: SlotPool) -> None:
    folders = [str(folder) for folder in groups()]
    assert folders
    source = (
        "import os\n"
        f"for folder in {folders!r}:\n"
        "    for name in ('cgroup.procs', 'memory.limit_in_bytes', 'memory.max', 'pids.max', 'cgroup.kill', 'tasks'):\n"
        "        for mode in (os.O_RDONLY, os.O_WRONLY):\n"
        "            try: os.open(os.path.join(folder, name), mode); print(folder, name)\n"
        "            except OSError: pass\n"
        "    try: os.mkdir(os.path.join(folder, 'x')); print('made')\n"
        "    except OSError: pass\n"
        "    try: os.rmdir(folder); print('removed')\n"
        "    except OSError: pass\n"
    )
    result = await run(pool, source, several=False)
    assert (result.exit, result.stdout) == (0, b""), result


async def test_each_slot_has_groups_of_its_own_and_a_replaced_one_as_well() -> None:
    others = groups()
    pool = SlotPool(SandboxSettings(slots=2, isolation=IsolationSettings(require=("cgroups",))))
    await pool.start()
    try:
        made = groups() - others
        assert len({folder.name for folder in made}) == 2
        before = pids_in(made)
        for pid in before:
            os.kill(pid, 9)
        results = await asyncio.gather(*(run(pool, "print(1)", several=False) for _ in range(4)))
        assert [result.stdout for result in results] == [b"1\n"] * 4
        async with asyncio.timeout(20):
            while groups() - others != made or len(pids_in(made)) != len(before):  # noqa: ASYNC110 - slots set no event
                await asyncio.sleep(0.05)
        assert not pids_in(made) & before
    finally:
        await pool.close()
    assert groups() == others


def test_groups_of_a_service_that_was_killed_are_removed_at_the_next_start() -> None:
    program = (
        "import os, signal\n"
        "from scorer.sandbox.cgroups import Cgroups\n"
        "found = Cgroups()\n"
        "print(*set(found.make(0).values()), sep='\\n', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    left = [Path(line) for line in killed.stdout.splitlines()]
    assert left and all(folder.is_dir() for folder in left)
    Cgroups().close()
    assert not any(folder.exists() for folder in left)


def test_groups_of_another_service_that_lives_are_left_alone() -> None:
    program = (
        "from scorer.sandbox.cgroups import Cgroups\n"
        "found = Cgroups()\n"
        "print(*set(found.make(0).values()), sep='\\n', flush=True)\n"
        "input()\n"
        "import asyncio; asyncio.run(found.remove(0)); found.close()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        folder = Path(other.stdout.readline().strip())
        Cgroups().close()
        assert folder.is_dir()
        other.communicate("\n")
    assert not folder.exists()
