"""Server processes that hang."""

import asyncio
import contextlib
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from codaserve.serving import vigil
from codaserve.serving.processes import Processes
from tests.codaserve.serving import echo_server

PATIENCE = 240.0
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def children() -> set[int]:
    """Of this process: the servers are among them."""
    found = set()
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with contextlib.suppress(OSError):  # it may be gone by now
            if b"echo_server.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(int(pid))
    return found


class Echoes(Processes):
    """Of a service that starts quickly; everything else is as it is."""

    def _command(self, index: int, port: int, folder: Path) -> list[str]:
        *_, option, file = super()._command(index, port, folder)
        return [sys.executable, str(echo_server.__file__), option, file]


class Watched:
    """The endpoint of all of them together."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def page(self, name: str) -> tuple[int, str]:
        return await asyncio.to_thread(self._page, name)

    async def until(self, state: Callable[[int, str], bool], name: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not state(*await self.page(name)):  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.05)

    async def restarts(self) -> list[int]:
        """Those of processes that ended, and of those that hung."""
        lines = (await self.page("metrics"))[1].splitlines()
        names = [f'codaserve_process_restarts_total{{reason="{reason}"}} ' for reason in ("ended", "hung")]
        return [int(float(line.removeprefix(name))) for name in names for line in lines if line.startswith(name)]

    def _page(self, name: str) -> tuple[int, str]:
        try:
            with OPENER.open(f"http://{self._file.read_text().strip()}/{name}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def ready(count: int) -> Callable[[int, str], bool]:
    return lambda _, text: f"codaserve_ready {count}.0" in text.splitlines()


async def test_processes_that_hang_are_not_ready_and_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigil, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(vigil, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(vigil, "HUNG_LOOKS", 1000000)
    settings = echo_server.Settings.model_validate(
        {
            "port": 0,
            "address_file": tmp_path / "address",
            "metrics": {"port": 0, "address_file": tmp_path / "metrics"},
        }
    )
    before = children()
    running = asyncio.create_task(Echoes("echo", settings, [settings, settings]).run())
    watched = Watched(tmp_path / "metrics")
    hanging: set[int] = set()
    try:
        async with asyncio.timeout(PATIENCE):
            while not (tmp_path / "address").exists():
                assert not running.done()
                await asyncio.sleep(0.05)
        await watched.until(ready(2), "metrics")
        servers = children() - before
        assert len(servers) == 2

        one = min(servers)
        hanging = {one}
        os.kill(one, signal.SIGSTOP)
        await watched.until(ready(1), "metrics")
        await watched.until(lambda status, _: status == 200, "readyz")
        await watched.until(lambda status, _: status == 200, "livez")
        os.kill(one, signal.SIGCONT)
        await watched.until(ready(2), "metrics")

        hanging = servers
        for pid in servers:
            os.kill(pid, signal.SIGSTOP)
        await watched.until(lambda *answer: answer == (503, "no server process takes work\n"), "readyz")
        await watched.until(lambda *answer: answer == (503, "no server process answers\n"), "livez")
        assert children() - before == servers
        assert await watched.restarts() == [0, 0]

        monkeypatch.setattr(vigil, "HUNG_LOOKS", 2)
        async with asyncio.timeout(PATIENCE):
            while servers & children():  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.05)
        monkeypatch.setattr(vigil, "HUNG_LOOKS", 1000000)
        hanging = set()
        await watched.until(ready(2), "metrics")
        await watched.until(lambda status, _: status == 200, "readyz")
        await watched.until(lambda status, _: status == 200, "livez")
        ended, hung = await watched.restarts()
        assert ended == 0
        assert hung >= 2  # more if one was slow to answer while two looks were enough
    finally:
        for pid in hanging & children():
            os.kill(pid, signal.SIGCONT)
        running.cancel()
        await asyncio.wait({running}, timeout=PATIENCE)
    assert children() == before
