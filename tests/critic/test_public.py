"""Small models with random weights in the layouts that public process reward models have."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForTokenClassification

from critic import public
from critic.checkpoint import CheckpointError, Critic
from critic.encode import CutText, Encoder, Separator
from critic.main import run
from critic.steps import newline_ends
from tests.critic.computing import values_of

TEXT = "a\nb\n"


def qwen(tokenizer: Any, labels: int = 2) -> Qwen2Config:
    return Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, num_labels=labels, tie_word_embeddings=False,
    )  # fmt: skip


def values(folder: Path) -> tuple[list[int], tuple[int, ...], list[float]]:
    """Tokens, places where values are read, and values, as the imported checkpoint has them."""
    critic = Critic.load(folder)
    (sequence,) = Encoder(critic.tokenizer, critic.separator).encode("q", [CutText(TEXT, tuple(newline_ends(TEXT)))])
    return list(sequence.tokens), sequence.boundaries, values_of(critic.model, [sequence])[0]


@pytest.mark.parametrize("labels", [1, 2])
def test_token_classification(labels: int, tokenizer: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Qwen2ForTokenClassification(qwen(tokenizer, labels)).eval()
    torch.nn.init.normal_(model.score.weight)
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    assert run(["import", str(tmp_path / "model"), "--output", str(tmp_path / "critic")]) == 0
    tokens, places, got = values(tmp_path / "critic")
    logits = model(torch.tensor([tokens])).logits[0].detach()
    wanted = logits.sigmoid()[:, 0] if labels == 1 else logits.softmax(-1)[:, 1]
    assert got == pytest.approx([float(wanted[place]) for place in places], abs=1e-5)


def test_two_layers_and_a_separator(tokenizer: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Qwen2ForTokenClassification(qwen(tokenizer)).eval()
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    score = torch.nn.Sequential(torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))
    torch.nn.init.normal_(score[2].get_parameter("weight"))
    tensors = {
        name: tensor for name, tensor in load_file(tmp_path / "model/model.safetensors").items() if "score" not in name
    }
    tensors |= {f"score.{name}": tensor for name, tensor in score.state_dict().items()}
    save_file(tensors, tmp_path / "model/model.safetensors", {"format": "pt"})
    public.read(tmp_path / "model", Separator("<eos>"), "", "").save(tmp_path / "critic")
    tokens, places, got = values(tmp_path / "critic")
    assert [tokenizer.decode(token) for token in tokens] == ["q", "a", "<eos>", "b", "<eos>"]
    hidden = model.model(torch.tensor([tokens])).last_hidden_state[0]
    wanted = score(hidden).softmax(-1)[:, 1].detach()
    assert places == (0, 2, 4)
    assert got[1:] == pytest.approx([float(wanted[place]) for place in (2, 4)], abs=1e-5)


@pytest.mark.parametrize("tied", [False, True])
def test_a_language_model_that_says_right_or_wrong(tied: bool, tokenizer: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, tie_word_embeddings=tied,
    )  # fmt: skip
    model = MistralForCausalLM(config).eval()
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    public.read(tmp_path / "model", Separator("#", "\n"), "+", "-").save(tmp_path / "critic")
    tokens, places, got = values(tmp_path / "critic")
    assert tokenizer.decode(tokens) == "qa#\nb#\n"
    logits = model(torch.tensor([tokens])).logits[0].detach()
    right, wrong = tokenizer("+")["input_ids"][0], tokenizer("-")["input_ids"][0]
    wanted = logits[:, [wrong, right]].softmax(-1)[:, 1]
    assert [tokenizer.decode(tokens[place]) for place in places] == ["q", "#", "#"]
    assert got == pytest.approx([float(wanted[place]) for place in places], abs=1e-5)


def test_what_is_no_such_model_is_refused(lm_dir: Path, tokenizer: Any, tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(CheckpointError, match="--right"):
        public.read(lm_dir, None, "", "")
    with pytest.raises(CheckpointError, match="not one token"):
        public.read(lm_dir, None, "no token", "-")
    Qwen2ForTokenClassification(qwen(tokenizer, 3)).save_pretrained(tmp_path / "three")
    tokenizer.save_pretrained(tmp_path / "three")
    with pytest.raises(CheckpointError, match="shape"):
        public.read(tmp_path / "three", None, "", "")
    assert run(["import", str(tmp_path / "none"), "--output", str(tmp_path / "critic")]) == 2
    assert "none" in capsys.readouterr().err
    assert not (tmp_path / "critic").exists()
