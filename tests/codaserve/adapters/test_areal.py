"""The reward that AReaL's workflows await; test_others_package.py has it with AReaL's own code."""

import asyncio

import pytest

from codaserve.adapters.areal import async_reward
from codaserve.adapters.scoring import UnscoredError
from tests.codaserve.adapters.serving import FAILS, scorer

ROW = {"answer": "4", "query_id": "q"}


def test_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        assert asyncio.run(async_reward("2 + 2 = ?", "it is 4", [1], [2], **ROW)) == 1.0
        assert asyncio.run(async_reward("2 + 2 = ?", "it is 5", [1], [2], **ROW)) == 0.0
        assert asyncio.run(async_reward("2 + 2 = ?", "it is 4", [1], [2], task="math", **ROW)) == 1.0
        assert asyncio.run(async_reward("2 + 2 = ?", "it is 5", [1], [2], task={"gold": "5"}, **ROW)) == 1.0
        with pytest.raises(UnscoredError, match="FAILURE_INTERNAL"):
            asyncio.run(async_reward("2 + 2 = ?", FAILS, [1], [2], **ROW))
    with pytest.raises(ValueError, match="none of the columns gold, solution, answer"):
        asyncio.run(async_reward("p", "5", [1], [2], task="math", other="4"))
