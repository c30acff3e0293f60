"""Who lives, and the end of who does not."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from codaserve.serving import vigil as module
from codaserve.serving.endpoint import Endpoint
from codaserve.serving.vigil import Vigil

PATIENCE = 120.0


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "PATIENCE_SECONDS", PATIENCE)


async def until(state: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not state():  # noqa: ASYNC110 - the state has no event
            await asyncio.sleep(0.01)


async def test_who_recovers_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HUNG_LOOKS", 1000000)
    complaint, killed, vigil = [""], asyncio.Event(), Vigil()
    assert not vigil.answers(0)  # no process
    looked = threading.Semaphore(0)

    def live() -> str:
        looked.release()
        return complaint[0]

    with closing(Endpoint("127.0.0.1", 0, pages=bytes, live=live, ready=str)) as endpoint:
        keeping = asyncio.create_task(vigil.keep(0, tmp_path / "address", killed.set))
        await until(lambda: vigil.answers(0))
        (tmp_path / "address").write_text(endpoint.address)
        for _ in range(3):
            assert await asyncio.to_thread(looked.acquire, timeout=PATIENCE)
            assert vigil.answers(0)
        complaint[0] = "stuck"
        await until(lambda: not vigil.answers(0))
        complaint[0] = ""
        await until(lambda: vigil.answers(0))
        keeping.cancel()
        await asyncio.wait({keeping})
    assert not vigil.answers(0)
    assert not killed.is_set()


async def test_who_hangs_is_killed(tmp_path: Path) -> None:
    looks = []

    def live() -> str:
        looks.append(0)
        return "stuck"

    killed = asyncio.Event()
    with closing(Endpoint("127.0.0.1", 0, pages=bytes, live=live, ready=str)) as endpoint:
        (tmp_path / "address").write_text(endpoint.address)
        async with asyncio.timeout(PATIENCE):
            await Vigil().keep(0, tmp_path / "address", killed.set)
    assert killed.is_set()
    assert len(looks) == module.HUNG_LOOKS


async def test_who_never_starts_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 0.05)
    killed = asyncio.Event()
    async with asyncio.timeout(PATIENCE):
        await Vigil().keep(0, tmp_path / "address", killed.set)
    assert killed.is_set()
