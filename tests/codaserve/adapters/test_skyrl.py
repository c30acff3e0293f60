"""As SkyRL's generator calls an environment: made with its row, init, step with the response."""

import importlib
import sys
from typing import Any

import pytest

from codaserve.adapters.scoring import UnscoredError
from tests.codaserve.adapters import stand_ins
from tests.codaserve.adapters.serving import FAILS, scorer


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    stand_ins.install(
        monkeypatch, "skyrl_gym.envs.base_text_env", BaseTextEnv=stand_ins.TextEnv, BaseTextEnvStepOutput=dict
    )
    monkeypatch.delitem(sys.modules, "codaserve.adapters.skyrl", raising=False)
    yield importlib.import_module("codaserve.adapters.skyrl").ScoredEnv
    sys.modules.pop("codaserve.adapters.skyrl", None)


def test_one_turn(environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = [{"role": "user", "content": "2 + 2 = ?"}]
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        one = environment(env_config=None, extras={"reward_spec": {"method": "rule", "ground_truth": "4"}})
        assert one.init(prompt) == (prompt, {})
        assert one.step("it is 4") == {"observations": [], "reward": 1.0, "done": True, "metadata": {}}
        assert one.step("it is 5")["reward"] == 0.0
        with pytest.raises(UnscoredError):
            one.step(FAILS)
    with pytest.raises(ValueError, match=r"reward_spec\.ground_truth"):
        environment(extras={})
