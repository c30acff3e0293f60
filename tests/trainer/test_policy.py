"""Micro-batches and the log-probabilities that training takes gradients through."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from codaserve.settings import ConfigurationError
from trainer.credit import Row
from trainer.policy import load_policy, log_probabilities, micro_batches
from trainer.rollout.rollout import Rollout
from trainer.rollout.transformers import sample

CPU = torch.device("cpu")


def row(prompt: int, response: int) -> Row:
    rollout = Rollout("", list(range(1, prompt + 1)), "", list(range(50, 50 + response)), [0.0] * response, True, [])
    return Row(rollout, 0, 0.0, [0.0] * response, [0.0] * response, 1.0, False)


def test_every_row_is_in_one_pass_and_passes_keep_to_the_budget() -> None:
    rows = [row(3, 4), row(10, 1), row(2, 9), row(1, 1), row(30, 30)]
    batches = list(micro_batches(rows, 40, CPU))
    assert sorted(index for batch in batches for index in batch.rows) == [0, 1, 2, 3, 4]
    for batch in batches:
        assert batch.ids.numel() <= 40 or len(batch.rows) == 1
    assert len(batches) == 3  # the long one alone; 2 and 1 in 2 x (10 + 9); 0 and 3


def test_prompts_are_padded_on_the_left_and_responses_on_the_right() -> None:
    (batch,) = micro_batches([row(2, 1), row(1, 3)], 100, CPU)
    assert batch.rows == [1, 0]
    assert batch.ids.tolist() == [[0, 1, 50, 51, 52], [1, 2, 50, 0, 0]]
    assert batch.attention.tolist() == [[0, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert batch.spread([[7.0], [1.0, 2.0, 3.0]]).tolist() == [[1, 2, 3], [7, 0, 0]]


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_log_probabilities_and_gradients_are_those_of_rows_alone(model: Any, temperature: float) -> None:
    rows = [row(5, 3), row(1, 7), row(9, 1)]
    (batch,) = micro_batches(rows, 1000, CPU)
    together = log_probabilities(model, batch, temperature)
    real = torch.zeros_like(together)
    for place, index in enumerate(batch.rows):
        real[place, : len(rows[index].rollout.response_ids)] = 1
    (together * real).sum().backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    for place, index in enumerate(batch.rows):
        rollout = rows[index].rollout
        logits = model(torch.tensor([rollout.prompt_ids + rollout.response_ids])).logits[0] / temperature
        begin = len(rollout.prompt_ids) - 1
        logs = torch.log_softmax(logits, -1)[begin:-1]
        alone = logs.gather(-1, torch.tensor(rollout.response_ids)[:, None])[:, 0]
        alone.sum().backward()  # type: ignore[no-untyped-call]
        torch.testing.assert_close(together[place, : len(alone)], alone, atol=1e-5, rtol=1e-4)
    for gradient, parameter in zip(gradients, model.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad, atol=1e-4, rtol=1e-3)


def test_sampler_and_training_forward_agree(model: Any, tokenizer: Any) -> None:
    rollouts = sample(model, tokenizer, ["a", "bcd"], 3, seed=0, max_response_tokens=9, temperature=0.8)
    rows = [Row(rollout, 0, 0.0, [], [], 1.0, False) for rollout in rollouts]
    for batch in micro_batches(rows, 60, CPU):
        found = log_probabilities(model, batch, 0.8)
        for place, index in enumerate(batch.rows):
            expected = rollouts[index].log_probabilities
            assert found[place, : len(expected)].tolist() == pytest.approx(expected, abs=1e-5)


def test_a_policy_is_loaded_in_evaluation_mode(configure: Any, policy_dir: Path) -> None:
    model, tokenizer = load_policy(policy_dir, configure())
    assert not model.training
    assert model.dtype == torch.float32
    assert tokenizer.eos_token_id == 0


def test_a_policy_that_is_not_there_or_too_short_is_refused(configure: Any, policy_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"model\.path"):
        load_policy(tmp_path / "nothing", configure())
    with pytest.raises(ConfigurationError, match="is 1032, the model has 256 positions"):
        load_policy(policy_dir, configure(rollout__max_response_tokens=1000))


def test_a_policy_without_some_of_its_weights_is_refused(
    configure: Any, policy_dir: Path, tokenizer: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "part"
    shutil.copytree(policy_dir, folder)
    weights = load_file(folder / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ConfigurationError, match=r"lacks 1 weights of a Qwen2ForCausalLM, the first: model\.norm"):
        load_policy(folder, configure())


def test_a_policy_cut_short_is_refused(configure: Any, policy_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(policy_dir, folder)
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:100])
    with pytest.raises(ConfigurationError, match=r"model\.path: .*cut cannot be loaded: "):
        load_policy(folder, configure())


def test_only_matching_parameters_are_trainable(policy_dir: Path, configure: Any) -> None:
    settings = configure(model__trainable="norm")
    model, _ = load_policy(policy_dir, settings)
    assert {name for name, p in model.named_parameters() if p.requires_grad} == {
        name for name, _ in model.named_parameters() if "norm" in name
    }


def test_a_pattern_without_a_match_is_refused(policy_dir: Path, configure: Any) -> None:
    settings = configure(model__trainable="nrom")
    with pytest.raises(ConfigurationError, match=r"model\.trainable.*nrom"):
        load_policy(policy_dir, settings)
