"""As slime 0.3.1 calls it (THUDM/slime at v0.3.1: slime/rollout/rm_hub/__init__.py, slime/rollout/sglang_rollout.py,
slime/rollout/filter_hub, slime/ray/rollout.py); it is not on PyPI."""

import asyncio
import copy
import importlib
import math
import pickle
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.codaserve.adapters.serving import FAILS, scorer

ARGS = SimpleNamespace(advantage_estimator="grpo", rewards_normalization=True, grpo_std_normalization=True)


@dataclass
class Sample:
    """What of slime's samples reward functions see."""

    prompt: Any
    response: str
    label: str | None
    group_index: int | None = 0
    reward: Any = None
    remove_sample: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)

    def get_reward_value(self, args: Any) -> Any:
        return self.reward


def load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Any:
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        yield server


def test_rewards_of_one_and_of_a_group(served: Any) -> None:
    samples = [Sample("p", text, "4") for text in ("4", "5", FAILS)]
    assert asyncio.run(load("codaserve.adapters.slime.reward")(ARGS, samples[0])) == 1.0
    assert asyncio.run(load("codaserve.adapters.slime.reward")(ARGS, samples[:2])) == [1.0, 0.0]
    rewards = asyncio.run(load("codaserve.adapters.slime.group_reward")(ARGS, samples, evaluation=False))
    assert rewards[:2] == [1.0, 0.0] and math.isnan(rewards[2])
    assert [sample.remove_sample for sample in samples] == [False, False, True]
    assert samples[2].metadata["unscored"] == "FAILURE_INTERNAL"
    other = Sample([{"role": "user", "content": "p"}], "7", "4", metadata={"task": {"gold": "7"}})
    assert asyncio.run(load("codaserve.adapters.slime.reward")(ARGS, other)) == 1.0
    for named in (None, "math"):  # no task, whatever it is called
        other = Sample("p", "4", "4", metadata={"task": named})
        assert asyncio.run(load("codaserve.adapters.slime.reward")(ARGS, other)) == 1.0


def test_a_failure_has_no_place_in_its_group() -> None:
    rewards = [1.0, 0.0, math.nan, 1.0, 1.0, math.nan]
    samples = [Sample("p", "", "4", place // 3, reward) for place, reward in enumerate(rewards)]
    raw, used = load("codaserve.adapters.slime.post_process_rewards")(ARGS, samples)
    assert raw[:2] == [1.0, 0.0] and math.isnan(raw[2])
    assert used == pytest.approx([0.5 / 0.5**0.5, -0.5 / 0.5**0.5, 0, 0, 0, 0], abs=1e-5)
    plain = SimpleNamespace(**vars(ARGS) | {"grpo_std_normalization": False})
    assert load("codaserve.adapters.slime.post_process_rewards")(plain, samples)[1][:3] == [0.5, -0.5, 0.0]
    for sent in (copy.deepcopy(used), pickle.loads(pickle.dumps(used))):  # to its rank
        assert sent == used and [reward.score for reward in sent] == pytest.approx(rewards, nan_ok=True)
    ppo = SimpleNamespace(**vars(ARGS) | {"advantage_estimator": "ppo"})
    assert load("codaserve.adapters.slime.post_process_rewards")(ppo, samples)[1] == [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]


def test_the_dynamic_filter() -> None:
    keep = load("codaserve.adapters.slime.keep_group")
    kept = [keep(ARGS, [Sample("p", "", "4", 0, reward) for reward in rewards]) for rewards in ([1, 0], [1, 1])]
    assert kept == [True, False]
    assert keep(ARGS, [Sample("p", "", "4", 0, reward) for reward in (1.0, 0.0, math.nan)]) is False
