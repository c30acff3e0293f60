"""AReaL and SkyRL themselves, in an environment of their own."""

import pytest

from tests.codaserve.adapters.environments import ROOT, run
from tests.codaserve.adapters.serving import scorer

pytestmark = pytest.mark.adapters


def test_skyrl_loads_and_calls_us() -> None:
    with scorer() as server:
        found = run(".venv-verl", "skyrl_main.py", server.address)
    assert found == {"version": "0.4.0", "rewards": [1.0, 0.0, "UnscoredError"]}


def test_areal_rejects_what_has_no_score(dead_address: str) -> None:
    line = '`workflow="codaserve.adapters.areal_workflow.ScoredWorkflow"`'
    assert line in (ROOT / "docs" / "adapters.md").read_text()
    with scorer() as server:
        found = run(".venv-verl", "areal_main.py", server.address, dead_address)
    assert found["version"] == "1.0.4"
    assert found["alone"] == [[1.0], [0.0], None]
    assert found["groups"] == [[1.0, 0.0], None]
    assert found["outage"] == [None] * 24  # more than AReaL's pool has processes, and none of them 0
    assert [found["accepted"], found["rejected"]] == [3, 26]
    assert found["mistake"].startswith("reward_fn: leave it out")
    assert found["pool"] == {"seconds": 15, "retries": 3, "late": 0}  # why its pool is gone round
