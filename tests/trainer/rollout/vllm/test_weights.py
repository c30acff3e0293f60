"""What is written is the policy, whoever reads it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from trainer.errors import SaveError
from trainer.rollout.vllm.weights import write_adapter, write_policy

IDS = torch.tensor([[5, 9, 200, 3]])


def test_a_tied_output_layer_is_written_out(model: Any, tokenizer: Any, tmp_path: Path) -> None:
    folder = tmp_path / "weights" / "policy-1"
    write_policy(model, tokenizer, folder, torch.float32)
    assert model.config.tie_word_embeddings  # the policy itself stays as it is
    read, loading = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not loading["missing_keys"]
    assert not read.config.tie_word_embeddings
    assert read.lm_head.weight.data_ptr() != read.model.embed_tokens.weight.data_ptr()
    with torch.no_grad():
        assert torch.equal(read.eval()(IDS).logits, model(IDS).logits)
    # vLLM reads every file of tensors; no tensor may stand in two of them.
    names = [name for file in folder.glob("*.safetensors") for name in load_file(file)]
    assert sorted(names) == sorted(set(model.state_dict()))
    assert [path.name for path in folder.parent.iterdir()] == ["policy-1"]


def test_an_untied_policy_is_written_in_the_precision_of_the_server(model: Any, tokenizer: Any, tmp_path: Path) -> None:
    model.config.tie_word_embeddings = False
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach() * 2)
    write_policy(model, tokenizer, tmp_path / "p", torch.bfloat16)
    kept = load_file(tmp_path / "p" / "model.safetensors")
    assert {tensor.dtype for tensor in kept.values()} == {torch.bfloat16}
    assert torch.equal(kept["lm_head.weight"], model.lm_head.weight.to(torch.bfloat16))
    assert model.lm_head.weight.dtype == torch.float32


def test_an_adapter_is_written_alone(model: Any, tmp_path: Path) -> None:
    wrapped = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM")).eval()
    with torch.no_grad():
        for parameter in wrapped.parameters():
            if parameter.requires_grad:
                parameter += 0.1
        wanted = wrapped(IDS).logits
    write_adapter(wrapped, tmp_path / "a")
    assert not (tmp_path / "a" / "config.json").exists()
    read = PeftModel.from_pretrained(wrapped.unload(), tmp_path / "a").eval()
    with torch.no_grad():
        assert torch.allclose(read(IDS).logits, wanted)


def test_a_folder_that_cannot_be_written_says_so(model: Any, tokenizer: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="cannot be written"):
        write_policy(model, tokenizer, tmp_path / "file" / "p", torch.float32)
