"""As NeMo-RL 0.7.0 starts and calls an environment, by its own text (published/README.md).

Ray and hydra are stand-ins, and with the trainers' packages they are themselves.
"""

import importlib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from codaserve.adapters.scoring import UnscoredError
from tests.codaserve.adapters import sources, stand_ins
from tests.codaserve.adapters.environments import run
from tests.codaserve.adapters.serving import FAILS, scorer
from tests.codaserve.adapters.test_slime import load


class Remote:
    """A class that Ray makes an actor of."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self.runtime: dict[str, Any] = {}

    def options(self, runtime_env: dict[str, Any]) -> "Remote":
        self.runtime = runtime_env
        return self

    def remote(self, *arguments: Any) -> Any:
        actor = self._kind(*arguments)
        methods = [name for name in dir(actor) if not name.startswith("_")]
        return SimpleNamespace(
            **{name: SimpleNamespace(remote=partial(partial, getattr(actor, name))) for name in methods}
        )


def get(futures: list[Callable[[], Any]]) -> list[Any]:
    return [future() for future in futures]


def forget() -> None:
    for name in list(sys.modules):
        if name == "nemo_rl" or name.startswith("nemo_rl.") or name == "codaserve.adapters.nemo_rl":
            del sys.modules[name]


@pytest.fixture
def nemo_rl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    sources.write_nemo_rl(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    stand_ins.install(monkeypatch, "ray", remote=Remote, get=get)
    stand_ins.install(monkeypatch, "hydra.utils", get_object=load)
    forget()
    yield importlib.import_module
    forget()


def batch(**responses: str) -> dict[str, Any]:
    """Rollouts, by the task they are of."""
    asked = {"role": "user", "content": "2 + 2 = ?"}
    return {
        "message_log": [[asked, {"role": "assistant", "content": text}] for text in responses.values()],
        "extra_env_info": [{"ground_truth": "4"} for _ in responses],
        "task_name": list(responses),
    }


def test_the_line_makes_an_environment_that_rewards(nemo_rl: Any) -> None:
    utils, rollouts = nemo_rl("nemo_rl.environments.utils"), nemo_rl("nemo_rl.experience.rollouts")
    utils.register_env("codaserve", "codaserve.adapters.nemo_rl.ScoredEnvironment")
    with scorer() as server:
        environment = utils.create_env("codaserve", {"addresses": server.address})
        actor = nemo_rl("codaserve.adapters.nemo_rl").ScoredEnvironment
        assert actor.runtime["py_executable"] == sys.executable
        environments = dict.fromkeys(("first", "second", "third"), environment)
        given = batch(first="it is 5", second="it is 4", third="it is 5")
        given["extra_env_info"][2] |= {"task": {"math": {"gold": ["5"]}}}
        found = rollouts.calculate_rewards(given, environments)
        assert found.rewards.tolist() == [0.0, 1.0, 1.0] and found.terminateds.tolist() == [True] * 3
        assert [one["content"] for one in found.observations] == [f"Environment: {score}" for score in (0, 1, 1)]
        assert found.metadata == given["extra_env_info"] and found.next_stop_strings == found.answers == [None] * 3
        with pytest.raises(UnscoredError):
            rollouts.calculate_rewards(batch(first=FAILS), environments)


@pytest.mark.adapters
def test_rays_actor_rewards() -> None:
    with scorer() as server:
        found = run(".venv-verl", "nemo_rl_main.py", server.address)
    assert found == {"rewards": [1.0, 0.0], "failure": True, "own": True}


def test_what_is_logged(nemo_rl: Any) -> None:
    environment = nemo_rl("codaserve.adapters.nemo_rl").Environment({})
    rewards = {"rewards": torch.tensor([1.0, 0.0])}
    assert environment.global_post_process_and_metrics(rewards) == (rewards, {"accuracy": 0.5})


def test_another_python_that_was_chosen_for_it_stays(nemo_rl: Any) -> None:
    registry = nemo_rl("nemo_rl.distributed.ray_actor_environment_registry")
    name = "codaserve.adapters.nemo_rl.ScoredEnvironment"
    registry.ACTOR_ENVIRONMENT_REGISTRY[name] = "other"
    nemo_rl("codaserve.adapters.nemo_rl")
    assert registry.get_actor_python_env(name) == "other"
