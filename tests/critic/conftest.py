"""Critics small enough to be made anew for every run."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from critic.checkpoint import Critic
from tests.tiny import byte_tokenizer, saved, sizes

# Bytes, and merges that reach across the end of a line: a tokenizer run over a whole text would merge them.
MERGES = [("Ċ", "Ċ"), ("Ċ", "b"), ("a", "Ċ"), ("Ċ", "Ġ"), ("a", "b")]


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """Byte-level BPE with the merges above; no BOS, like Qwen2's."""
    return byte_tokenizer(MERGES)


@pytest.fixture(scope="session")
def lm_dir(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model's folder."""
    torch.manual_seed(1)
    model = Qwen2ForCausalLM(Qwen2Config(**sizes(tokenizer, 32), num_key_value_heads=1))
    return saved(model, tokenizer, tmp_path_factory.mktemp("lm"))


@pytest.fixture(scope="session")
def llama_dir(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of another architecture."""
    torch.manual_seed(2)
    model = LlamaForCausalLM(LlamaConfig(**sizes(tokenizer, 32, num_hidden_layers=1)))
    return saved(model, tokenizer, tmp_path_factory.mktemp("llama"))


def random_critic(base: Path, seed: int) -> Critic:
    """A critic whose head is random, so that different states have clearly different values."""
    critic = Critic.from_language_model(base)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        critic.model.head.get_parameter("weight").normal_(0, 0.5, generator=generator)
        critic.model.head.get_parameter("bias").normal_(0, 0.5, generator=generator)
    return critic


@pytest.fixture(scope="session")
def critic_dir(lm_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A critic checkpoint."""
    folder = tmp_path_factory.mktemp("critics") / "first"
    random_critic(lm_dir, 1).save(folder)
    return folder


@pytest.fixture(scope="session")
def other_critic_dir(lm_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with other values."""
    folder = tmp_path_factory.mktemp("critics") / "second"
    random_critic(lm_dir, 2).save(folder)
    return folder
