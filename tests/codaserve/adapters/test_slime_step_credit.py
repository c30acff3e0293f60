"""Step credit through slime's own text (published/README.md): from samples to each rank's data, and to advantages.

Only Ray, Megatron's parallel state and slime's clock are stand-ins.
"""

import os
import pickle
from argparse import Namespace
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from codaserve.tokenizer import load_tokenizer
from tests.codaserve.adapters import sources, stand_ins
from tests.codaserve.adapters.serving import StepCritic, in_thread
from tests.codaserve.adapters.test_slime import load
from tests.trainer.several import Several
from trainer.demo.settings import POLICY, SHIPPED

FOLDER = str(SHIPPED / POLICY)
NAN = float("nan")
SCORES = [1.0, 0.0, 0.0, 1.0, NAN, 1.0, 0.0, 0.0]
"""Two groups of four."""
LINES = [7, 6, 3, 3, 4, 2, 5, 1]
"""Of each response."""


@dataclass
class Sample:
    """The fields of slime's samples that its text reads."""

    class Status(Enum):
        """How generation ended."""

        COMPLETED = "completed"
        TRUNCATED = "truncated"

    index: int
    group_index: int
    tokens: list[int]
    response_length: int
    reward: float
    remove_sample: bool
    status: Status = Status.COMPLETED
    rollout_id: int | None = None
    loss_mask: list[int] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    train_metadata: Any = None
    rollout_log_probs: Any = None
    rollout_routed_experts: Any = None
    multimodal_train_inputs: Any = None
    teacher_log_probs: Any = None

    def get_reward_value(self, args: Any) -> float:
        return self.reward


def samples() -> list[Sample]:
    tokenizer = load_tokenizer(FOLDER)
    made = []
    for place, (score, lines) in enumerate(zip(SCORES, LINES, strict=True)):
        prompt, response = tokenizer.encode(f"{place // 4} + 4 = ?\n"), tokenizer.encode(f"{place} + 4\n" * lines)
        made.append(Sample(place, place // 4, prompt + response, len(response), score, score != score))
    return made


class Store:
    """Ray's, which pickles."""

    def put(self, value: Any, **_: Any) -> bytes:
        return pickle.dumps(value)

    def get(self, reference: bytes) -> Any:
        return pickle.loads(reference)


@dataclass
class Box:
    """What slime puts references in."""

    inner: Any


@pytest.fixture
def slime(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """slime's functions."""
    stand_ins.install(monkeypatch, "slime.utils.flops_utils", calculate_fwd_flops=lambda lengths, args: sum(lengths))
    balancing: dict[str, Any] = {}
    sources.run("slime/seqlen_balancing.py", balancing)
    stand_ins.install(monkeypatch, "slime.utils.seqlen_balancing", **balancing)
    parallel = SimpleNamespace(is_pipeline_last_stage=lambda: True)
    found: dict[str, Any] = {
        "Any": Any,
        "Box": Box,
        "Namespace": Namespace,
        "RolloutBatch": dict[str, Any],
        "Sample": Sample,
        "Timer": SimpleNamespace,
        "__name__": "slime",
        "get_source": lambda sample: "unknown",
        "load_function": load,
        "mpu": parallel,
        "np": np,
        "ray": Store(),
        "torch": torch,
    }
    for text in ("dp_schedule.py", "rollout.py", "loss.py"):
        sources.run(f"slime/{text}", found)
    return found


def arguments(dynamic: bool) -> Namespace:
    ours = "codaserve.adapters.slime_advantages.advantages"
    return Namespace(
        advantage_estimator="grpo",
        balance_by_flops=False,
        balance_data=not dynamic,
        context_parallel_size=1,
        custom_advantage_function_path=ours,
        global_batch_size=8,
        grpo_std_normalization=True,
        hf_checkpoint=FOLDER,
        kl_coef=0,
        max_tokens_per_gpu=50,
        micro_batch_size=1,
        n_samples_per_prompt=4,
        normalize_advantages=False,
        rewards_normalization=True,
        rollout_batch_size=2,
        use_dynamic_batch_size=dynamic,
        use_opd=False,
        use_rollout_logprobs=False,
    )


def ranks(slime: dict[str, Any], args: Namespace, size: int, *, post_process: bool = True) -> list[dict[str, Any]]:
    """What each rank has when its advantages are made."""
    manager = SimpleNamespace(
        args=args,
        custom_convert_samples_to_train_data_func=None,
        custom_reward_post_process_func=load("codaserve.adapters.slime.post_process_rewards") if post_process else None,
        train_parallel_config={"dp_size": size, "cp_size": 1, "vpp_size": 1, "microbatch_group_size_per_vp_stage": 1},
    )
    manager._post_process_rewards = lambda samples: slime["_post_process_rewards"](manager, samples)
    data = slime["_convert_samples_to_train_data"](manager, samples())
    references = slime["_split_train_data_by_dp"](manager, data)
    return [slime["process_rollout_data"](args, references, rank, size) for rank in range(size)]


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("text", ["data.py", "data_later.py"])
def test_each_rank_credits_its_own_responses(
    slime: dict[str, Any], monkeypatch: pytest.MonkeyPatch, text: str, size: int, dynamic: bool
) -> None:
    sources.run(f"slime/{text}", slime)
    args, given = arguments(dynamic), samples()
    _, normalised = load("codaserve.adapters.slime.post_process_rewards")(args, given)
    places = []
    with in_thread(StepCritic()) as critic:
        monkeypatch.setenv("CODASERVE_CRITICS", critic.address)
        for data in ranks(slime, args, size):
            data["log_probs"] = [torch.zeros(length) for length in data["response_lengths"]]
            slime["compute_advantages_and_returns"](args, data)
            for place, found in zip(data["sample_indices"], data["advantages"], strict=True):
                half = given[place].response_length // 2
                # the first half rises from 0.5 to 0.75, the other goes from there to the score
                steps = [0.25, SCORES[place] - 0.75] if SCORES[place] == SCORES[place] else [0.0, 0.0]
                wanted = [0.7 * normalised[place] + 0.3 * step / 0.25 for step in steps]
                assert found[:half].tolist() == pytest.approx([wanted[0]] * half)
                assert found[half:].tolist() == pytest.approx([wanted[1]] * (len(found) - half))
                places.append(place)
            assert len(data["returns"]) == len(data["advantages"])
            in_loss = [bool(mask.any()) for mask in data["loss_masks"]]
            assert in_loss == [SCORES[place] == SCORES[place] for place in data["sample_indices"]]
    assert sorted(places) == list(range(8))
    assert not (dynamic and size == 1) or places != sorted(places)  # slime packs them in another order


@pytest.mark.parametrize("estimator", ["grpo", "reinforce_plus_plus_baseline", "ppo"])
def test_rewards_are_normalised_as_slime_does(slime: dict[str, Any], estimator: str) -> None:
    given = [sample for sample in samples() if sample.group_index == 0]
    args = arguments(dynamic=True)
    args.advantage_estimator, args.rollout_batch_size = estimator, 1
    theirs = slime["_post_process_rewards"](SimpleNamespace(args=args, custom_reward_post_process_func=None), given)
    ours = load("codaserve.adapters.slime.post_process_rewards")(args, given)
    assert ours[0] == theirs[0] and ours[1] == pytest.approx(theirs[1], abs=1e-6)


def one_of_two(critics: list[str]) -> Any:
    """The advantages of a rank that shares its responses with another."""
    rank = int(os.environ["RANK"])
    os.environ["CODASERVE_CRITICS"] = critics[rank]
    torch.distributed.init_process_group("gloo")
    try:
        with pytest.MonkeyPatch.context() as patch:
            parallel = {
                "get_tensor_model_parallel_rank": torch.distributed.get_rank,
                "get_tensor_model_parallel_group": lambda: None,
                "get_tensor_model_parallel_src_rank": lambda: 0,
            }
            stand_ins.install(patch, "megatron.core.parallel_state", **parallel)
            args, given = arguments(dynamic=True), samples()[:2]
            args.tensor_model_parallel_size = 2
            data = {
                "tokens": [torch.tensor(sample.tokens) for sample in given],
                "response_lengths": [sample.response_length for sample in given],
                "rewards": load("codaserve.adapters.slime.post_process_rewards")(args, given)[1],
                "kl": [torch.zeros(sample.response_length) for sample in given],
            }
            load(args.custom_advantage_function_path)(args, data)
            return [found.tolist() for found in data["advantages"]]
    finally:
        torch.distributed.destroy_process_group()


def test_ranks_that_share_responses_credit_them_alike(tmp_path: Path, dead_address: str) -> None:
    with in_thread(StepCritic()) as critic:
        first, second = Several(one_of_two, [critic.address, dead_address], folder=tmp_path).outcomes()
    assert first == second
    assert len(set(first[1])) == 2  # of the wrong one: up by one step and down by the other


def test_what_step_credit_needs(slime: dict[str, Any]) -> None:
    sources.run("slime/data.py", slime)
    args = arguments(dynamic=True)
    advantages = load(args.custom_advantage_function_path)
    (data,) = ranks(slime, args, 1, post_process=False)
    with pytest.raises(ValueError, match="post_process_rewards"):
        advantages(args, data)
    args.context_parallel_size = 2
    with pytest.raises(ValueError, match="context_parallel_size"):
        advantages(args, data)
