"""Tokenizers of the common kinds, trained on questions and answers, and critics with random weights for them."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from critic.checkpoint import Critic

SOLUTIONS = Path(__file__).parents[1] / "data" / "gsm8k_model_solutions.jsonl.gz"
_TRAINED_ON = 600


@cache
def solutions() -> tuple[tuple[str, str], ...]:
    """Questions and model answers of GSM8K."""
    with gzip.open(SOLUTIONS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple((row["prompt"], row["response"]) for row in rows)


def _texts() -> list[str]:
    return [f"{prompt}\n{response}\n\n" for prompt, response in solutions()[:_TRAINED_ON]]


@cache
def byte_level() -> Any:
    """BPE over bytes, words as GPT-2 splits them; no BOS, as Qwen's."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<eos>", "<|im_start|>"]
    core.train_from_iterator(
        _texts(), trainers.BpeTrainer(vocab_size=900, special_tokens=special, initial_alphabet=alphabet)
    )
    return _wrapped(core, eos_token="<eos>")


@cache
def merging() -> Any:
    """BPE over bytes that splits nothing beforehand, so that newlines, spaces and words merge with each other."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    seams = [".\n\n", " \n", "\n ", "\n\n", ".\nSo ", "  "] * 400
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<eos>"], initial_alphabet=alphabet, max_token_length=8
    )
    core.train_from_iterator([*(text[:300] for text in _texts()[:200]), *seams], trainer)
    return _wrapped(core, eos_token="<eos>")


@cache
def byte_fallback() -> Any:
    """BPE over characters with leading spaces as part of words, unknown characters as bytes, BOS and EOS around a text:
    as Llama 2's."""
    core = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    core.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    core.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    ascii_texts = ["".join(c for c in text if c.isascii() and c != "\n") for text in _texts()[:200]]
    core.train_from_iterator(
        ascii_texts, trainers.BpeTrainer(vocab_size=900, special_tokens=special, max_token_length=8)
    )
    # Bytes are no special tokens: they are part of the text.
    rules = json.loads(core.to_str())
    rules["added_tokens"] = [token for token in rules["added_tokens"] if not token["content"].startswith("<0x")]
    core = Tokenizer.from_str(json.dumps(rules))
    core.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return _wrapped(core, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


@cache
def unigram() -> Any:
    """Unigram with leading spaces as part of words, unknown characters as bytes, as T5's and Gemma's kin."""
    core = Tokenizer(models.Unigram())
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    core.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    special = ["<unk>", "<s>", "</s>"]
    core.train_from_iterator(
        _texts()[:200], trainers.UnigramTrainer(vocab_size=600, special_tokens=special, unk_token="<unk>")
    )
    rules = json.loads(core.to_str())
    known = {piece for piece, _ in rules["model"]["vocab"]}
    lowest = min(score for _, score in rules["model"]["vocab"]) - 10
    rules["model"]["vocab"] += [[f"<0x{byte:02X}>", lowest] for byte in range(256)]
    assert known.isdisjoint(f"<0x{byte:02X}>" for byte in range(256))
    rules["model"]["byte_fallback"] = True
    return _wrapped(Tokenizer.from_str(json.dumps(rules)), bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def _wrapped(core: Tokenizer, **special: str) -> Any:
    core.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special.values()])
    return PreTrainedTokenizerFast(tokenizer_object=core, clean_up_tokenization_spaces=False, **special)


def make_critic(folder: Path, kind: Any, config: Any, tokenizer: Any, seed: int) -> Path:
    """Saves a critic whose weights are large enough that different states have clearly different values.

    Args:
        folder: Where; a folder of the language model is written beside it.
        kind: Class of the language model.
        config: Its configuration; the vocabulary's size is set here.
        tokenizer: Its tokenizer.
        seed: Of the weights.

    Returns:
        `folder`.
    """
    torch.manual_seed(seed)
    config.vocab_size = len(tokenizer)
    base = folder.with_name(f"{folder.name}-lm")
    kind(config).save_pretrained(base)
    tokenizer.save_pretrained(base)
    critic = Critic.from_language_model(base)
    with torch.no_grad():
        critic.model.head.get_parameter("weight").normal_(0, 0.3)
        critic.model.head.get_parameter("bias").normal_(0, 0.3)
    critic.save(folder)
    return folder
