"""Critics small enough to be made anew for every run."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from critic.checkpoint import Critic

# Bytes, and merges that reach across the end of a line: a tokenizer run over a whole text would merge them.
MERGES = [("Ċ", "Ċ"), ("Ċ", "b"), ("a", "Ċ"), ("Ċ", "Ġ"), ("a", "b")]


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """Byte-level BPE with the merges above; no BOS, like Qwen2's."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    symbols = ["<eos>", *alphabet, *("".join(pair) for pair in MERGES)]
    core = Tokenizer(models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=MERGES))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens([AddedToken("<eos>", special=True)])
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>", clean_up_tokenization_spaces=False)


@pytest.fixture(scope="session")
def lm_dir(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model's folder."""
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=256,
    )
    folder = tmp_path_factory.mktemp("lm")
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def llama_dir(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of another architecture."""
    torch.manual_seed(2)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=256,
    )
    folder = tmp_path_factory.mktemp("llama")
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


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
