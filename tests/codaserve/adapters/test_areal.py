"""As AReaL 1.0.4 calls it (areal/workflow/rlvr.py and areal/api/reward_api.py): from a pool of processes, and
awaited."""

import asyncio
import functools
import pickle
from typing import Any

import grpc
import pytest

from codaserve.adapters import areal
from codaserve.adapters.scoring import UnscoredError
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.adapters.serving import FAILS, scorer

ROW = {"answer": "4", "query_id": "q"}


def test_called(monkeypatch: pytest.MonkeyPatch) -> None:
    call = pickle.loads(pickle.dumps(functools.partial(areal.reward_fn, "2 + 2 = ?", "it is 4", [1], [2], **ROW)))
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        assert call() == 1.0
        with pytest.raises(UnscoredError, match="FAILURE_INTERNAL"):
            areal.reward_fn("2 + 2 = ?", FAILS, [1], [2], **ROW)


def test_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        assert asyncio.run(areal.async_reward("p", "it is 5", [1], [2], **ROW)) == 0.0
        with pytest.raises(UnscoredError):
            asyncio.run(areal.async_reward("p", FAILS, [1], [2], **ROW))
        with pytest.raises(ValueError, match="none of the columns"):
            areal.reward_fn("p", "5", [1], [2], other="4")


def test_raises_before_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> Any:
        await asyncio.sleep(600)

    monkeypatch.setattr(areal, "SECONDS", 0.5)
    with scorer(never) as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        with pytest.raises(UnscoredError, match="DEADLINE"):
            areal.reward_fn("p", "4", [1], [2], **ROW)
