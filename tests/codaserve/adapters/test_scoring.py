import asyncio
import json
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

import codaserve
from codaserve.adapters.scoring import Scoring, Unscored, UnscoredError
from tests.codaserve.adapters.serving import FAILS, UNDECIDED, scorer

PROMPTS = ["p", "p", "q", "q"]
RESPONSES = ["it is 4", "it is 5", FAILS, UNDECIDED]
TASKS = ["4", "4", "4", ["4"]]


def test_one_call_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with scorer() as server:
        assert codaserve.reward(PROMPTS, RESPONSES, TASKS, addresses=server.address) == [1.0, 0.0, None, None]
        assert codaserve.reward(["p"], [UNDECIDED], ["4"], addresses=[server.address], undecided=0.5) == [0.5]
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        assert codaserve.reward(["p"], ["4"], ["4"]) == [1.0]
        assert codaserve.reward([], [], []) == []
        with pytest.raises(ValueError, match="1 prompts, 2 responses"):
            codaserve.reward(["p"], ["4", "4"], ["4"])


def test_a_failure_is_not_a_number(dead_address: str) -> None:
    with scorer() as server:
        scores = Scoring(server.address).score([*PROMPTS, "r"], [*RESPONSES, "4"], [*TASKS, ""])
    failed, undecided, malformed = scores.outcomes[2:]
    assert isinstance(failed, Unscored) and failed.code == "FAILURE_INTERNAL"
    assert isinstance(undecided, Unscored) and undecided.code == "REASON_UNDECIDED_TIME"
    assert isinstance(malformed, Unscored) and malformed.code == "FAILURE_INVALID_TASK"
    with pytest.raises(UnscoredError, match="3 of 5 responses have no score; the first: FAILURE_INTERNAL") as raised:
        scores.numbers()
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
    (away,) = Scoring(dead_address, max_outage=0).score(["p"], ["4"], ["4"]).outcomes
    assert isinstance(away, Unscored) and away.code == "FAILURE_UNAVAILABLE"


def test_from_several_event_loops() -> None:
    with scorer() as server:
        scoring = pickle.loads(pickle.dumps(Scoring(server.address)))

        async def twice() -> list[list[float | None]]:
            calls = (scoring.score_async(PROMPTS[:2], RESPONSES[:2], TASKS[:2]) for _ in range(2))
            return [scores.optional() for scores in await asyncio.gather(*calls)]

        assert asyncio.run(twice()) == asyncio.run(twice()) == [[1.0, 0.0], [1.0, 0.0]]


def test_in_processes_that_were_forked_from_one_that_has_scored() -> None:
    program = Path(__file__).with_name("forking.py")
    with scorer() as server:
        done = subprocess.run(
            [sys.executable, str(program), server.address], capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["before"] == found["after"] == [1.0, 0.0, None]
    assert found["forked"] == [[1.0, 0.0, None]] * 4
    assert found["rewards"][:2] == [1.0, 0.0] and "FAILURE_INTERNAL" in found["rewards"][2]


def test_waits_no_longer_than_told(dead_address: str) -> None:
    begin = time.monotonic()
    assert codaserve.reward(["p"], ["4"], ["4"], addresses=dead_address, max_outage=0.2) == [None]
    assert time.monotonic() - begin >= 0.2
