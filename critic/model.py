"""The model: a causal transformer with a sigmoid value head."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from critic import attention
from critic.packing import Packed


class ValueModel(nn.Module):
    """V(s) = sigmoid(w . h + b), h the last hidden state at the last token of s (arXiv 2412.18279, section 3.2)."""

    def __init__(self, backbone: Any, head: nn.Module) -> None:
        """Args:
        backbone: A causal transformers model without language model head (`AutoModel`).
        head: From the hidden size to the logit of the value. Kept in float32, whatever the backbone's precision: it
            costs nothing, and probabilities near 0 and 1 differ by less than bfloat16 resolves.

        The backbone's attention is replaced by one that knows packed rows, and computes the same for others.
        """
        super().__init__()
        backbone.set_attn_implementation(attention.NAME)
        self.backbone = backbone
        self.head = head.float()

    def forward(self, row: Packed) -> Tensor:
        """Logits of the values.

        Args:
            row: Any number of sequences, see `critic.packing`.

        Returns:
            (N,) of float32, in the order of `row.reads`.

        Raises:
            UnsupportedAttentionError: The backbone's attention is of a kind that packed rows do not support.
        """
        hidden = self.backbone(
            input_ids=row.tokens, position_ids=row.positions, use_cache=False, segments=row.segments
        ).last_hidden_state[0]
        with torch.autocast(hidden.device.type, enabled=False):
            logits: Tensor = self.head(hidden[row.reads].float())
        return logits.squeeze(-1)


def new_head(hidden_size: int, *, mean: float = 0.5) -> nn.Linear:
    """A head that answers `mean`, in (0, 1), for every state, until it is trained."""
    head = nn.Linear(hidden_size, 1)
    nn.init.zeros_(head.weight)
    nn.init.constant_(head.bias, math.log(mean / (1 - mean)))
    return head


def hidden_layer_head(hidden_size: int, width: int) -> nn.Module:
    """A head with one hidden layer, as some process reward models have it."""
    return nn.Sequential(nn.Linear(hidden_size, width), nn.ReLU(), nn.Linear(width, 1))
