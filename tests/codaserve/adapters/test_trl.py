import asyncio
import inspect
import pickle
from typing import Any

import pytest

from codaserve.adapters.scoring import UnscoredError
from codaserve.adapters.trl import async_reward, is_ours, reward
from tests.codaserve.adapters.serving import FAILS, scorer

COLUMNS: dict[str, Any] = {"solution": ["4", "4"], "level": ["a", "b"], "completion_ids": [[1], [2]]}
PROMPTS = [[{"role": "user", "content": "2 + 2 = ?"}]] * 2


def said(*texts: str) -> list[list[dict[str, str]]]:
    return [[{"role": "assistant", "content": text}] for text in texts]


def test_as_trl_calls_it() -> None:
    logged = []
    with scorer() as server:
        function = pickle.loads(pickle.dumps(reward(server.address, column="solution")))
        assert function.__name__ == "codaserve" and is_ours(function)
        assert function(prompts=PROMPTS, completions=said("it is 4", "it is 5"), **COLUMNS) == [1.0, 0.0]
        assert function(prompts=["p", "p"], completions=["4", "5"], wanted=[0, 0], **COLUMNS) == [1.0, 0.0]
        waiting = pickle.loads(pickle.dumps(async_reward(server.address, column="solution", unscored="none")))
        assert inspect.iscoroutinefunction(waiting) and is_ours(waiting)
        columns = COLUMNS | {"log_metric": lambda name, number: logged.append((name, number))}
        assert asyncio.run(waiting(prompts=PROMPTS, completions=said(FAILS, "4"), **columns)) == [None, 1.0]
    assert logged == [("codaserve/unscored", 0.5)]


def test_a_failure_raises_unless_it_may_be_none(dead_address: str) -> None:
    with scorer() as server:
        function = reward(server.address, column="solution")
        with pytest.raises(UnscoredError, match="1 of 2"):
            function(prompts=PROMPTS, completions=said(FAILS, "4"), **COLUMNS)
    away = reward(dead_address, column="solution", unscored="none", max_outage=0)
    assert away(prompts=PROMPTS, completions=said("4", "4"), **COLUMNS) == [None, None]


def test_mistakes_are_told() -> None:
    with pytest.raises(ValueError, match=r"no column 'task'; name one of \['level', 'solution'\]"):
        reward()(prompts=PROMPTS, completions=said("4", "4"), **COLUMNS)
    with pytest.raises(ValueError, match="'raise' or 'none'"):
        reward(unscored="zero")  # type: ignore[arg-type]
    assert not is_ours(len)
