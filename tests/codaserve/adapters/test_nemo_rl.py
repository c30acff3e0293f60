"""As NeMo-RL 0.7.0 calls an environment (nemo_rl/experience/rollouts.py, calculate_rewards)."""

import importlib
import sys
from typing import Any

import pytest
import torch

from codaserve.adapters.scoring import UnscoredError
from tests.codaserve.adapters import stand_ins
from tests.codaserve.adapters.serving import FAILS, scorer


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    content = {"EnvironmentInterface": object, "EnvironmentReturn": stand_ins.Returned}
    stand_ins.install(monkeypatch, "nemo_rl.environments.interfaces", **content)
    stand_ins.install(monkeypatch, "ray", remote=lambda kind: ("actor of", kind))
    monkeypatch.delitem(sys.modules, "codaserve.adapters.nemo_rl", raising=False)
    yield importlib.import_module("codaserve.adapters.nemo_rl")
    sys.modules.pop("codaserve.adapters.nemo_rl", None)


def log(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": "2 + 2 = ?"}, {"role": "assistant", "content": text}]


def test_a_batch_of_conversations(module: Any) -> None:
    assert module.ScoredEnvironment == ("actor of", module.Environment)
    with scorer() as server:
        environment = module.Environment({"addresses": server.address})
        metadata = [{"ground_truth": "4"}, {"task": {"math": {"gold": ["5"]}}, "ground_truth": "4"}]
        returned = environment.step([log("it is 4"), log("it is 4")], metadata)
        assert returned.rewards.tolist() == [1.0, 0.0] and returned.terminateds.tolist() == [True, True]
        assert returned.metadata is metadata and len(returned.observations) == len(returned.next_stop_strings) == 2
        with pytest.raises(UnscoredError):
            environment.step([log(FAILS)], [{"ground_truth": "4"}])
    batch = {"rewards": torch.tensor([1.0, 0.0])}
    assert environment.global_post_process_and_metrics(batch) == (batch, {"accuracy": 0.5})
