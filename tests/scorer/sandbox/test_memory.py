"""Memory of programs whose reserved addresses do not count, where no control group counts what they hold."""

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from scorer.sandbox.artifact import Artifact
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.sandbox.conftest import NAMESPACES
from tests.scorer.sandbox.test_execute import LIMITS, executes

MEMORY = dataclasses.replace(LIMITS, memory_bytes=128 << 20, wall_seconds=10)
SOURCE = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <time.h>
    int main(int argc, char **argv) {
        struct timespec pause = {0, 2000000};
        long step = 4 << 20, most = atol(argv[2]) << 20, at;
        int zero = open("/dev/zero", O_RDWR), tables = !strcmp(argv[1], "tables");
        int forget = !strcmp(argv[1], "forgotten"), device = !strcmp(argv[1], "device");
        char *vast = mmap(0, most * 512, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        for (at = 0; at < most; at += step, nanosleep(&pause, 0)) {
            if (tables) {
                long page = at * 512, end = (at + step) * 512;
                for (; page < end; page += 2 << 20) (void)*(volatile char *)(vast + page);
                continue;
            }
            int flags = MAP_SHARED | (device ? 0 : MAP_ANONYMOUS);
            char *memory = mmap(0, step, PROT_READ | PROT_WRITE, flags, device ? zero : -1, 0);
            if (memory == MAP_FAILED) return 3;
            memset(memory, 1, step);
            if (forget) madvise(memory, step, MADV_DONTNEED);
        }
        nanosleep(&(struct timespec){0, 150000000}, 0);
        puts("done");
    }"""


@pytest_asyncio.fixture(params=[(), NAMESPACES], ids=["namespaces", "bare"])
async def slots(request: pytest.FixtureRequest) -> AsyncIterator[SlotPool]:
    pool = SlotPool(SandboxSettings(slots=1, isolation=IsolationSettings(without=(*request.param, "cgroups"))))
    await pool.start()
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("no C compiler")
    folder: Path = tmp_path_factory.mktemp("memory")
    (folder / "main.c").write_text(SOURCE)

    async def build() -> None:
        process = await asyncio.create_subprocess_exec(gcc, "-w", "-o", folder / "main", folder / "main.c")
        assert await process.wait() == 0

    asyncio.run(build())
    return (folder / "main").read_bytes()


@pytest.mark.parametrize("way", ["shared", "forgotten", "device", "tables"])
async def test_memory_that_no_rlimit_counts_is_bounded(slots: SlotPool, content: bytes, way: str) -> None:
    with Artifact.of(content) as program:
        over = await slots.run(executes("main", way, "1024", artifact=program, limits=MEMORY))
        within = await slots.run(executes("main", way, "64", artifact=program, limits=MEMORY))
    assert (over.limit, over.stdout) == (Limit.MEMORY, b"")
    assert (within.exit, within.limit, within.stdout) == (0, None, b"done\n"), within
