import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, Qwen2Config, Qwen2ForCausalLM

from critic.checkpoint import CheckpointError, Critic
from critic.weights import WeightsError, check_weights, read_model

UNUSED_ROW = 40
"""Of the embeddings; trying a checkpoint does not touch it."""


@pytest.fixture
def copy(critic_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(critic_dir, tmp_path / "copy"))


def change(folder: Path, **tensors: torch.Tensor | None) -> None:
    """Replaces, adds and removes weights."""
    weights = load_file(folder / "model.safetensors")
    for name, tensor in tensors.items():
        weights.pop(name.replace("__", "."), None)
        if tensor is not None:
            weights[name.replace("__", ".")] = tensor
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def same(one: Any, other: Any) -> bool:
    pairs = zip([*one.parameters(), *one.buffers()], [*other.parameters(), *other.buffers()], strict=True)
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_model_is_the_one_that_transformers_reads(critic_dir: Path, dtype: torch.dtype) -> None:
    assert same(read_model(critic_dir, dtype), AutoModel.from_pretrained(critic_dir, dtype=dtype))


def test_weights_of_less_precision_are_widened(critic_dir: Path, copy: Path) -> None:
    weights = load_file(critic_dir / "model.safetensors")
    change(copy, **{name.replace(".", "__"): tensor.bfloat16() for name, tensor in weights.items()})
    model = read_model(copy, torch.float32)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert same(model, AutoModel.from_pretrained(critic_dir, dtype=torch.bfloat16).float())


def test_several_files_are_one_model(critic_dir: Path, copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    model = AutoModel.from_pretrained(critic_dir)
    model.save_pretrained(copy, max_shard_size="20KB")
    shards = sorted(copy.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert same(read_model(copy, torch.float32), model)
    Critic.load(copy)
    shards[1].unlink()
    with pytest.raises(CheckpointError, match="not a model"):
        Critic.load(copy)
    index = copy / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"norm.weight": "../model.safetensors"}}))
    with pytest.raises(CheckpointError, match="which is not in the folder"):
        Critic.load(copy)


def test_embeddings_that_the_language_model_shared_with_its_last_layer(tokenizer: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, tie_word_embeddings=True,
    )  # fmt: skip
    tied = Qwen2ForCausalLM(config)
    tied.save_pretrained(tmp_path / "lm")
    tokenizer.save_pretrained(tmp_path / "lm")
    Critic.from_language_model(tmp_path / "lm").save(tmp_path / "critic")
    assert same(read_model(tmp_path / "critic", torch.float32), tied.model)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"norm__weight": None}, r"weights are missing, norm\.weight among 1"),
        ({"layers__7__mlp__up_proj__weight": torch.zeros(64, 32)}, r"none of this model's, layers\.7\.mlp"),
        ({"norm__weight": torch.ones(31)}, r"other shapes than config\.json says, norm\.weight"),
        ({"norm__weight": torch.full((32,), torch.inf)}, r"norm\.weight has weights that are not finite"),
    ],
)
def test_weights_of_another_model_are_refused(copy: Path, tensors: dict[str, Any], message: str) -> None:
    change(copy, **tensors)
    with pytest.raises(CheckpointError, match=message):
        Critic.load(copy)


def test_a_single_weight_that_is_no_number_is_found(copy: Path) -> None:
    check_weights(copy)
    weights = load_file(copy / "model.safetensors")["embed_tokens.weight"]
    weights[UNUSED_ROW, 3] = torch.nan
    change(copy, embed_tokens__weight=weights)
    with pytest.raises(CheckpointError, match=r"embed_tokens\.weight has weights that are not finite"):
        Critic.load(copy)
    with pytest.raises(WeightsError, match="not finite"):
        check_weights(copy)


def test_a_model_of_another_type_is_refused(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"model_type": "llama"}))
    with pytest.raises(CheckpointError, match="weights are none of this model's"):
        Critic.load(copy)
    (copy / "config.json").write_text(json.dumps(config | {"model_type": "no such thing"}))
    with pytest.raises(CheckpointError, match="not a model"):
        Critic.load(copy)
