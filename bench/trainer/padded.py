"""A larger policy that says what the demo's says: a policy of random weights would have nothing to learn from."""

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, Qwen2ForCausalLM

from bench.trainer.setting import demo_policy
from codaserve.tokenizer import load_tokenizer


def padded_policy(folder: Path, factor: int, layers: int) -> Path:
    """Writes the demo's policy at `factor` times its width and heads, with layers to spare, and returns the folder.

    Every weight that is added is 0 but those of queries, keys and gates, which then have no effect, so that logits stay
    as they were and the computation is that of a model of this size.
    """
    small = AutoModelForCausalLM.from_pretrained(demo_policy(), dtype=torch.float32)
    config = small.config.__class__.from_dict(small.config.to_dict())
    config.hidden_size *= factor
    config.intermediate_size *= factor
    config.num_attention_heads *= factor
    config.num_key_value_heads *= factor
    config.num_hidden_layers = layers
    config.layer_types = ["full_attention"] * layers
    torch.manual_seed(0)
    large = Qwen2ForCausalLM(config)
    known = small.state_dict()
    for name, weight in large.state_dict().items():
        _fill(name, weight, known.get(name), math.sqrt(1 / factor))
    large.generation_config = small.generation_config
    large.save_pretrained(folder)
    load_tokenizer(demo_policy()).save_pretrained(folder)
    return folder


def _fill(name: str, weight: Tensor, known: Any, norm_scale: float) -> None:
    if known is None:  # of an added layer: what it writes to the residual stream is 0
        if "o_proj" in name or "down_proj" in name:
            weight.zero_()
        return
    if weight.dim() == 2 and not any(kind in name for kind in ("q_proj", "k_proj", "gate_proj")):
        weight.zero_()
    elif weight.dim() == 2:
        weight[: known.shape[0]].zero_()
    if "norm" in name:  # the mean square is over more numbers, the added ones 0
        known = known * norm_scale
    weight[tuple(slice(size) for size in known.shape)] = known
