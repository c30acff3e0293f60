import asyncio
import threading

import grpc
import pytest

from codaserve.serving import readiness as module
from codaserve.serving.healths import Healths
from codaserve.serving.readiness import LIVENESS, READINESS, Readiness


class Told(Healths):
    """Remembers what it is told."""

    def __init__(self) -> None:
        super().__init__(grpc.aio.server())
        self.serving: dict[str, bool] = {}

    def set(self, name: str, *, serving: bool) -> None:
        super().set(name, serving=serving)
        self.serving[name] = serving


async def test_readiness_follows_the_state_and_liveness_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    healths, state = Told(), {"obstacle": ""}
    readiness = Readiness(healths, ["a.Service"], lambda: state["obstacle"])
    assert readiness.ready() == "starting"
    readiness.start()
    following = asyncio.create_task(readiness.follow())
    names = ("", READINESS, "a.Service")

    async def until(obstacle: str) -> None:
        async with asyncio.timeout(60):
            while readiness.ready() != obstacle:  # noqa: ASYNC110 - the state has no event
                await asyncio.sleep(0.001)
        assert {healths.serving[name] for name in names} == {not obstacle}
        assert healths.serving[LIVENESS]

    await until("")
    for obstacle in ("the queue is full", "no math worker is up", ""):
        state["obstacle"] = obstacle
        await until(obstacle)
    assert await asyncio.to_thread(readiness.live) == ""
    readiness.drain()
    await until("stopping")
    following.cancel()


async def test_a_loop_that_does_not_turn_is_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK_SECONDS", 0.01)
    readiness = Readiness(Told(), [], str)
    told: list[str] = []
    asking = threading.Thread(target=lambda: told.append(readiness.live()))
    asking.start()
    asking.join()  # the loop does nothing else meanwhile
    assert told == ["the loop has not turned for 0.01 s"]
