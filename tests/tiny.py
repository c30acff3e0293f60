"""Tokenizers and language models small enough to be made anew for a test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast


def byte_tokenizer(merges: Sequence[tuple[str, str]] = ()) -> Any:
    """Every token is a byte, or what merges make of them; `<eos>`, the first one, ends a response. No BOS, as in
    Qwen2's."""
    symbols = ["<eos>", *sorted(pre_tokenizers.ByteLevel.alphabet()), *("".join(pair) for pair in merges)]
    core = Tokenizer(models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=list(merges)))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens([AddedToken("<eos>", special=True)])
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>", clean_up_tokenization_spaces=False)


def sizes(tokenizer: Any, hidden_size: int, **more: Any) -> dict[str, Any]:
    """For a configuration of transformers: two layers with two heads, unless `more` has others."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": hidden_size,
        "intermediate_size": 2 * hidden_size,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 256,
        **more,
    }


def saved(model: Any, tokenizer: Any, folder: Path) -> Path:
    """Writes both into a folder, as a policy or a critic's base is given."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
