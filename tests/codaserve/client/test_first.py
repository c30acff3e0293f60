"""The first answer of several servers to one question."""

import asyncio
from functools import partial

import pytest

from codaserve import AsyncScorerClient, ServiceError
from codaserve.client import first
from codaserve.client.first import first_answer
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer


async def answers(what: str, asked: list[str]) -> str:
    asked.append(what)
    if what == "hangs":
        await asyncio.Event().wait()
    if what in ("away", "refuses"):
        raise OSError(what)
    return what


async def ask(*whats: str) -> tuple[str, list[str]]:
    asked: list[str] = []
    found = await first_answer([partial(answers, what, asked) for what in whats], lambda error: str(error) == "away")
    return found, asked


async def test_the_next_is_asked_when_one_fails_or_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ask("a", "b") == ("a", ["a"])
    assert await ask("away", "b") == ("b", ["away", "b"])
    monkeypatch.setattr(first, "HEAD_START", 0.01)
    assert await ask("hangs", "away", "b") == ("b", ["hangs", "away", "b"])
    assert len(asyncio.all_tasks()) == 1


async def test_a_refusal_ends_it_and_the_last_failure_is_told() -> None:
    with pytest.raises(OSError, match="refuses"):
        await ask("refuses", "b")
    with pytest.raises(OSError, match="away"):
        await ask("away", "away")


async def test_a_server_that_hangs_does_not_keep_info_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hangs(FakeScorer):
        async def Info(self, request: pb.ScorerInfoRequest, context: object) -> pb.ScorerInfo:  # noqa: N802
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(first, "HEAD_START", 0.05)
    async with Hangs() as hung, FakeScorer() as good:
        async with AsyncScorerClient([hung.address, good.address]) as client:
            assert (await asyncio.wait_for(client.info(), 30)).version == "fake"
        async with AsyncScorerClient(hung.address, timeout=0.2) as client:
            with pytest.raises(ServiceError, match="DEADLINE_EXCEEDED"):
                await client.info()
