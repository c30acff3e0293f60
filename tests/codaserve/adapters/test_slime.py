"""Rewards and filter as slime 0.3.1 calls them, by its own text (published/README.md); it is not on PyPI."""

import asyncio
import copy
import importlib
import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.codaserve.adapters import sources
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
    custom_rm_path: str | None = None

    def get_reward_value(self, args: Any) -> Any:
        return self.reward


def load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.fixture
def slime() -> dict[str, Any]:
    """slime's functions."""
    found: dict[str, Any] = {
        "Sample": Sample,
        "__name__": "slime",
        "asyncio": asyncio,
        "dataclass": dataclass,
        "load_function": load,
    }
    for text in ("rm.py", "filter.py"):
        sources.run(f"slime/{text}", found)
    return found


@pytest.fixture
def rewards(slime: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """slime's way to the rewards of samples, given one or several."""

    def ask(samples: Any, name: str = "reward", **options: Any) -> Any:
        args = SimpleNamespace(custom_rm_path=f"codaserve.adapters.slime.{name}")
        way = slime["batched_async_rm" if isinstance(samples, list) else "async_rm"]
        return asyncio.run(way(args, samples, **options))

    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        yield ask


def test_rewards_of_one_and_of_a_group(rewards: Callable[..., Any]) -> None:
    samples = [Sample("p", text, "4") for text in ("4", "5", FAILS)]
    assert rewards(samples[0]) == 1.0
    assert rewards(samples[:2]) == [1.0, 0.0]
    given = rewards(samples, "group_reward", evaluation=False)
    assert given[:2] == [1.0, 0.0] and math.isnan(given[2])
    assert [sample.remove_sample for sample in samples] == [False, False, True]
    assert samples[2].metadata["unscored"] == "FAILURE_INTERNAL"
    other = Sample([{"role": "user", "content": "p"}], "7", "4", metadata={"task": {"gold": "7"}})
    assert rewards(other) == 1.0
    for named in (None, "math"):  # no task, whatever it is called
        assert rewards(Sample("p", "4", "4", metadata={"task": named})) == 1.0


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


@pytest.mark.parametrize(("given", "keep"), [([1.0, 0.0], True), ([1.0, 1.0], False), ([1.0, 0.0, math.nan], False)])
def test_the_dynamic_filter(slime: dict[str, Any], given: list[float], keep: bool) -> None:
    samples = [Sample("p", "", "4", 0, reward) for reward in given]
    output = slime["call_dynamic_filter"](load("codaserve.adapters.slime.keep_group"), ARGS, samples)
    dropped = slime["should_drop_dynamic_filter_output"](output, remaining_batch_size=1, target_data_size=1)
    assert dropped is not keep
