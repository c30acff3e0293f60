"""Attention over a packed row, as transformers calls it.

transformers hands unknown keyword arguments of a model's forward through to the attention function that its
configuration names, which is how the segments get here:
https://huggingface.co/docs/transformers/attention_interface
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from critic import flash
from critic.packing import Segment, visible

NAME = "codaserve_packed"


class UnsupportedAttentionError(Exception):
    """The model's attention does something that packed rows do not support; the text says what."""


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    segments: Sequence[Segment] | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """Each segment's attention; parameters as transformers' attention functions have them.

    Args:
        module: The attention layer.
        query: (B, heads, T, size).
        key: (B, key heads, T, size).
        value: (B, key heads, T, size).
        attention_mask: None: the segments say which tokens see which.
        segments: See `critic.packing.Segment`. None: each row is one sequence.
        scaling: Factor of the products; None for one by the square root of the size.
        dropout: 0, or the layer's in training.
        sliding_window: How many tokens back a token sees, itself included; None for all.
        **others: Whatever else the model passes.

    Returns:
        (B, T, heads, size), and no weights.

    Raises:
        UnsupportedAttentionError: For soft-capped products, attention sinks and attention that is not causal.
    """
    for name in ("softcap", "s_aux"):
        if others.get(name) is not None:
            raise UnsupportedAttentionError(f"{type(module).__name__} uses {name}")
    if others.get("is_causal") is False or getattr(module, "is_causal", True) is False:
        raise UnsupportedAttentionError(f"{type(module).__name__} is not causal")
    rows, heads, tokens, _ = query.shape
    whole = tuple(segments or (Segment(0, tokens, 0, 0),))
    within = sliding_window is None or sliding_window >= max(s.seen_end - s.seen + s.end - s.begin for s in whole)
    if within and flash.usable(query, key, value, dropout):
        row = flash.layout(whole, query.device)
        q, k, v = (tensor[0].transpose(0, 1) for tensor in (query, key, value))
        return flash.attend_row(q, k, v, row, scaling).unsqueeze(0), None
    result = query.new_empty(rows, tokens, heads, value.shape[3])
    for segment in whole:
        begin, end = segment.begin, segment.end
        seen = segment.seen_end - segment.seen
        own_keys, own_values = key[:, :, begin:end], value[:, :, begin:end]
        if seen:
            own_keys = torch.cat([key[:, :, segment.seen : segment.seen_end], own_keys], dim=2)
            own_values = torch.cat([value[:, :, segment.seen : segment.seen_end], own_values], dim=2)
        length = seen + end - begin
        window = sliding_window if sliding_window is not None and sliding_window < length else None
        plain = not seen and window is None  # for which there are kernels that need no mask
        attended = scaled_dot_product_attention(
            query[:, :, begin:end],
            own_keys,
            own_values,
            attn_mask=None if plain else visible(end - begin, length, window, query.device),
            is_causal=plain,
            dropout_p=dropout,
            scale=scaling,
            enable_gqa=key.shape[1] != query.shape[1],
        )
        result[:, begin:end] = attended.transpose(1, 2)
    return result, None


AttentionInterface.register(NAME, attend)
