"""verl itself, in an environment of its own."""

import json

import pytest

from tests.codaserve.adapters.environments import run
from tests.codaserve.adapters.serving import scorer
from trainer.demo.settings import POLICY, SHIPPED

pytestmark = pytest.mark.adapters


def test_verl_loads_and_calls_us() -> None:
    with scorer() as server:
        setting = {"model": str(SHIPPED / POLICY), "scorer": server.address}
        found = run(".venv-verl", "verl_main.py", json.dumps(setting))
    assert found["version"] == "0.9.1"
    for name in ("compute_score", "compute_score_async"):
        right, wrong = found[name]
        assert right == {"reward_score": 1.0, "reward_extra_info": {"score": 1.0, "acc": 1.0, "unscored": 0.0}}
        assert wrong["reward_score"] == 0.0 and list(wrong["reward_extra_info"]) == list(right["reward_extra_info"])
        assert found[name + "_fails"].startswith("UnscoredError: 1 of 1 responses have no score")
    assert found["unscored"] == [1.0, True]
    assert [row[0] for row in found["advantages"]] == pytest.approx([0.5**0.5, -(0.5**0.5), 0, 0], abs=1e-4)
    assert found["advantages"][:2] == [pytest.approx(row, abs=1e-5) for row in found["grpo"]]
