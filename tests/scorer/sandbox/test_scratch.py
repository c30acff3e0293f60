"""Scratch folders that the operator supplies, where slots may mount nothing. Mounting them for the tests needs root."""

import asyncio
import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from scorer.sandbox import scratch
from scorer.sandbox.errors import SandboxError
from scorer.sandbox.guest.limits import Limits
from scorer.sandbox.pool import SlotPool
from scorer.sandbox.run import Limit, Request, Result
from scorer.sandbox.settings import IsolationSettings, SandboxSettings
from tests.scorer.sandbox.processes import memory_of, processes

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="mounts file systems")

LIMITS = Limits(
    cpu_seconds=10, wall_seconds=20, memory_bytes=1 << 30, processes=1, file_bytes=1 << 20, output_bytes=1 << 20,
    channel_bytes=1 << 16,
)  # fmt: skip
NAMESPACES = tuple(f"{kind}_namespace" for kind in ("user", "mount", "pid", "network", "ipc", "uts"))


def mount(folder: Path, options: str) -> None:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "scratch", str(folder)], check=True)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.getuid() and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    yield tmp_path
    for folder in tmp_path.iterdir():
        if folder.is_mount():
            subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def folders(place: Path) -> list[Path]:
    made = [place / "0", place / "1"]
    for folder in made:
        mount(folder, "size=8m,nr_inodes=20000,mode=1777")
    return made


@pytest_asyncio.fixture
async def pool(folders: list[Path]) -> AsyncIterator[SlotPool]:
    settings = SandboxSettings(slots=2, scratch=tuple(folders), isolation=IsolationSettings(without=NAMESPACES))
    started = SlotPool(settings)
    await started.start()
    yield started
    await started.close()
    assert not [left for folder in folders for left in folder.iterdir()]


async def run(pool: SlotPool, source: str, stdin: bytes | None = None) -> Result:
    return await pool.run(Request(json.dumps({"kind": "stdio", "source": source}).encode(), stdin, LIMITS))


async def test_a_run_starts_in_its_folder_and_may_write_there_only(pool: SlotPool, folders: list[Path]) -> None:
    source = (
        "import os, tempfile\n"
        "open('x', 'w').write('y'); os.mkdir('d'); os.rename('x', 'd/x')\n"
        "with tempfile.TemporaryFile() as file: file.write(b'z')\n"
        "print(open('d/x').read(), os.getcwd() == os.environ['HOME'] == os.environ['TMPDIR'], os.getcwd())\n"
        f"for folder in {[str(folder) for folder in folders]!r} + ['/tmp', '/dev/shm', '/']:\n"
        "    if folder != os.getcwd():\n"
        "        for attempt in (lambda: os.listdir(folder), lambda: open(folder + '/x', 'w')):\n"
        "            try: attempt(); print('got into', folder)\n"
        "            except OSError: pass\n"
    )
    results = await asyncio.gather(*(run(pool, source) for _ in range(6)))
    assert not [result.stderr for result in results if result.stderr]
    used = {tuple(result.stdout.decode().split()) for result in results}
    assert used == {("y", "True", str(folder)) for folder in folders}


async def test_nothing_is_left_for_the_next_run(pool: SlotPool) -> None:
    sources = [
        "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')",
        "import os\nfor i in range(2000): open(str(i), 'w').close()",
        "import os\nos.umask(0o777)\nfor i in range(50):\n    os.mkdir(str(i)); open(f'f{i}', 'w').close()",
        "import os\nos.symlink('/etc', 'a'); os.symlink('a', 'b'); os.mkdir('c', 0)",
        "open('big', 'wb').write(bytes(10 ** 6))",
        "import os\nf = open('open', 'w'); os.unlink('open'); f.write('x'); f.flush(); os.kill(os.getpid(), 9)",
    ]
    look = "import os; s = os.statvfs('.'); print(os.listdir('.'), s.f_files - s.f_ffree, s.f_blocks - s.f_bfree)"
    before = {(await run(pool, look)).stdout for _ in range(4)}
    assert len(before) == 1
    for source in sources:
        for _ in range(pool.size):
            result = await run(pool, source)
            assert result.stderr == b"", (source, result)
        for _ in range(pool.size):
            assert (await run(pool, look)).stdout in before, source


async def test_too_many_files_or_bytes_end_a_run(pool: SlotPool) -> None:
    for source in (
        "import os, time\nfor i in range(10000): os.close(os.open(str(i), os.O_CREAT))\ntime.sleep(60)",
        "import time\nfor i in range(6): open(str(i), 'wb').write(bytes(10 ** 6))\ntime.sleep(60)",
        "import os, time\nf = open('f', 'wb'); os.unlink('f'); f.write(bytes(1 << 20)); f.flush()\n"
        "g = open('g', 'wb'); g.write(bytes(1 << 20)); g.flush(); time.sleep(60)",
    ):
        assert (await run(pool, source)).limit is Limit.FILES, source
    assert (await run(pool, "open('f', 'wb').write(bytes(1 << 20)); print(1)")).stdout == b"1\n"


async def test_names_of_files_do_not_reach_the_memory_that_later_runs_inherit(pool: SlotPool) -> None:
    marker = "a-name-that-nobody-else-uses"
    for _ in range(4):
        assert (await run(pool, f"open({marker!r}, 'w').close(); print(1)")).stdout == b"1\n"
    for pid in processes():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it just ended
            assert marker.encode() not in memory_of(pid)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("size=0,nr_inodes=100", "not bounded"),
        ("size=8g", "not bounded"),
        ("size=8m,nr_inodes=0", "counts no files"),
        ("size=8m,ro", "cannot be written"),
    ],
)
def test_a_folder_without_a_bound_is_refused(place: Path, options: str, reason: str) -> None:
    mount(place / "0", options)
    with pytest.raises(SandboxError, match=rf"code\.sandbox\.scratch: .*{reason}.*docker run --tmpfs"):
        scratch.claim([place / "0"], 1)


def test_what_is_no_tmpfs_of_its_own_is_refused(place: Path, folders: list[Path]) -> None:
    for folder in (place, folders[0] / "inside", Path("/proc")):
        if folder.name == "inside":
            folder.mkdir()
        with pytest.raises(SandboxError, match="no tmpfs of its own"):
            scratch.claim([folder], 1)
    with pytest.raises(SandboxError, match="cannot be opened"):
        scratch.claim([place / "missing"], 1)


def test_there_must_be_one_for_each_slot_and_no_two_the_same(folders: list[Path]) -> None:
    with pytest.raises(SandboxError, match=r"names 2 folders for 3 slots.*code\.sandbox\.slots"):
        scratch.claim(folders, 3)
    (folders[0].parent / "link").symlink_to(folders[0])
    with pytest.raises(SandboxError, match="same file system"):
        scratch.claim([folders[0], folders[0].parent / "link"], 2)


def test_no_two_services_share_one(folders: list[Path]) -> None:
    held = scratch.claim(folders, 2)
    with pytest.raises(SandboxError, match="another service uses"):
        scratch.claim(folders[:1], 1)
    for descriptor in held:
        os.close(descriptor)
    for descriptor in scratch.claim(folders, 2):
        os.close(descriptor)


async def test_templates_with_and_without_packages_leave_nothing_to_each_other(folders: list[Path]) -> None:
    isolation = IsolationSettings(without=NAMESPACES)
    settings = SandboxSettings(slots=1, preload=("numpy",), scratch=(folders[0],), isolation=isolation)
    started = SlotPool(settings)
    await started.start()
    try:
        source = "import os\nprint(os.listdir())\nfor n in range(200): open(str(n), 'w').write('x' * 999)\n"
        for comment in ("", "# numpy", "", "", "# numpy"):
            result = await run(started, source + comment)
            assert result.stdout == b"[]\n", result
    finally:
        await started.close()
