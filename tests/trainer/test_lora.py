"""Low-rank training of the policy: what is trained, what is saved, and that a run goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from codaserve.settings import ConfigurationError
from trainer.loop import train
from trainer.policy import load_policy, log_probabilities, micro_batches
from trainer.reference import load_reference
from trainer.rollout.transformers import sample
from trainer.settings import TrainerSettings

LORA = {"model__lora": {"rank": 4}}


@pytest.fixture
def adapted(configure: Any) -> Any:
    """Settings of a low-rank run."""
    return lambda **changes: configure(**{**LORA, **changes})


def test_only_the_additions_are_trained_and_change_nothing_at_first(adapted: Any, policy_dir: Path) -> None:
    torch.manual_seed(0)
    model, tokenizer = load_policy(policy_dir, adapted())
    plain, _ = load_policy(policy_dir, adapted(model__lora={"rank": 0}))
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert len(trained) == 2 * 2 * 7  # two layers of seven linear maps, two factors each
    assert all("lora_" in name for name in trained)
    assert not model.training
    options: dict[str, Any] = {"seed": 3, "max_response_tokens": 6}
    assert sample(model, tokenizer, ["ab"], 2, **options) == sample(plain, tokenizer, ["ab"], 2, **options)


def test_a_checkpoint_holds_the_additions_and_the_trained_policy_is_whole(adapted: Any, policy_dir: Path) -> None:
    settings = adapted(optimizer__learning_rate=0.05)
    train(settings)
    folder = settings.output_dir / "checkpoints" / "step-00000003"
    assert not (folder / "model.safetensors").exists()
    assert not (folder / "config.json").exists()
    additions = load_file(folder / "adapter_model.safetensors")
    assert len(additions) == 28
    assert sum(tensor.numel() for tensor in additions.values()) < 4000
    # What was learned is in the whole policy, whose other weights are those of the start.
    before, after = (load_file(path / "model.safetensors") for path in (policy_dir, settings.output_dir / "model"))
    changed = {name for name, weight in after.items() if not weight.equal(before[name])}
    assert len(changed) == 14
    assert all("_proj" in name for name in changed)
    # The additions, put on the policy by peft, give the probabilities of the whole one.
    ids = torch.tensor([[70, 80, 90, 100]])
    on_top = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(policy_dir, dtype=torch.float32), folder)
    whole = AutoModelForCausalLM.from_pretrained(settings.output_dir / "model", dtype=torch.float32)
    torch.testing.assert_close(on_top(ids).logits, whole(ids).logits, atol=1e-5, rtol=1e-4)


def test_a_run_resumes_to_the_same_bits(adapted: Any, tmp_path: Path) -> None:
    train(adapted(steps=2))
    train(adapted(steps=3, resume=True))
    train(adapted(output_dir=tmp_path / "whole"))
    weights = [(tmp_path / name / "model" / "model.safetensors").read_bytes() for name in ("run", "whole")]
    assert weights[0] == weights[1]
    last = [json.loads((tmp_path / name / "metrics.jsonl").read_text().splitlines()[-2]) for name in ("run", "whole")]
    assert last[0]["kind"] == "step"
    assert last[0]["batch"]["update"] == last[1]["batch"]["update"]


def test_the_policy_without_its_additions_is_the_reference(adapted: Any, policy_dir: Path, tokenizer: Any) -> None:
    settings = adapted(objective__kl=0.1)
    model, _ = load_policy(policy_dir, settings)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    accelerator = Accelerator(cpu=True)
    reference = load_reference(settings, accelerator, model)
    copied = load_reference(adapted(objective__kl=0.1, model__lora={"rank": 0}), accelerator, model)
    assert reference is not None
    assert copied is not None
    rows = [_Tokens(rollout) for rollout in sample(model, tokenizer, ["a", "bcd"], 2, seed=0, max_response_tokens=5)]
    for batch in micro_batches(rows, 1000, accelerator.device):
        assert torch.equal(reference(batch), copied(batch))
        assert not torch.allclose(reference(batch), log_probabilities(model, batch, 1.0), atol=1e-3)
    assert sum(parameter.requires_grad for parameter in model.parameters()) == 28


class _Tokens:
    def __init__(self, rollout: Any) -> None:
        self.rollout = rollout


def test_a_divergence_from_the_starting_policy_is_measured(adapted: Any, recorder: Any) -> None:
    train(adapted(objective__kl=0.1, optimizer__learning_rate=0.05), observers=[recorder])
    found = [step.batch.update.kl for step in recorder.steps]
    assert found[0] == 0
    assert found[-1] > 0


def test_names_that_are_not_there_are_refused(adapted: Any, policy_dir: Path) -> None:
    with pytest.raises(ConfigurationError, match="no low-rank weights for nonsense"):
        load_policy(policy_dir, adapted(model__lora={"rank": 2, "modules": "nonsense"}))


def test_lora_and_trainable_are_one_or_the_other() -> None:
    keys: dict[str, Any] = {"output_dir": "o", "tasks": {"file": "t"}, "critic": {"enabled": False}}
    with pytest.raises(ValueError, match="give one of them"):
        TrainerSettings(**keys, model={"path": "p", "trainable": "norm", "lora": {"rank": 1}})
