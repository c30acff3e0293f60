"""Questions and answers of real lengths, and a model of random weights to value them with."""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from critic.checkpoint import Critic
from critic.encode import CutText, EncodedSequence, Encoder
from critic.steps import newline_ends

SOLUTIONS = Path("tests/data/gsm8k_model_solutions.jsonl.gz")
_VOCABULARY = 4096


@dataclass(frozen=True)
class Group:
    """One prompt and responses to it."""

    prompt: str
    responses: tuple[str, ...]

    def encoded(self, encoder: Encoder) -> list[EncodedSequence]:
        """Its sequences, cut at newlines."""
        return encoder.encode(self.prompt, [CutText(text, tuple(newline_ends(text))) for text in self.responses])


def groups(count: int, size: int, seed: int) -> list[Group]:
    """Groups of `size` responses: questions of the GSM8K model solutions, each with responses drawn from all of them,
    since the data have but two for each question."""
    rows = solutions()
    drawn = random.Random(seed)
    prompts = drawn.sample(sorted({row["prompt"] for row in rows}), count)
    return [Group(prompt, tuple(drawn.choice(rows)["response"] for _ in range(size))) for prompt in prompts]


def solutions() -> list[dict[str, Any]]:
    """The GSM8K model solutions."""
    with gzip.open(SOLUTIONS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def make_critic(folder: Path, hidden: int, layers: int, seed: int = 0) -> None:
    """Saves a critic of Qwen2's architecture with random weights and a tokenizer trained on the solutions.

    Args:
        folder: Where.
        hidden: Width; heads have 64 dimensions, two query heads for each key head.
        layers: How many.
        seed: Of the weights.
    """
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=_VOCABULARY, special_tokens=["<eos>"], initial_alphabet=alphabet)
    core.train_from_iterator((row["prompt"] + row["response"] for row in solutions()), trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>")
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        num_key_value_heads=hidden // 128,
        max_position_embeddings=4096,
    )
    language_model = folder.with_name("language_model")
    Qwen2ForCausalLM(config).save_pretrained(language_model)
    tokenizer.save_pretrained(language_model)
    critic = Critic.from_language_model(language_model)
    torch.nn.init.normal_(critic.model.head.get_parameter("weight"), std=0.3)
    critic.save(folder)
