"""The model: a causal transformer with a sigmoid value head."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from critic.encode import EncodedSequence


class ValueModel(nn.Module):
    """V(s) = sigmoid(w . h + b), h the last hidden state at the last token of s (arXiv 2412.18279, section 3.2)."""

    def __init__(self, backbone: Any, head: nn.Linear) -> None:
        """Args:
        backbone: A causal transformers model without language model head (`AutoModel`).
        head: From the hidden size to 1. Kept in float32, whatever the backbone's precision: it costs nothing, and
            probabilities near 0 and 1 differ by less than bfloat16 resolves.
        """
        super().__init__()
        self.backbone = backbone
        self.head = head.float()

    def forward(self, tokens: Tensor, rows: Tensor, positions: Tensor) -> Tensor:
        """Logits of the values.

        Args:
            tokens: Token ids, right-padded, (sequences, length) of int64.
            rows: For each of N values, its sequence, (N,) of int64.
            positions: For each of N values, the position where its state ends, (N,) of int64.

        Returns:
            (N,) of float32.
        """
        # Without an attention mask: a causal model's tokens see nothing of the padding to their right, and their
        # positions are those of the row. The mask would only make attention leave its fast causal kernel.
        hidden = self.backbone(input_ids=tokens, use_cache=False).last_hidden_state
        with torch.autocast(hidden.device.type, enabled=False):
            logits: Tensor = self.head(hidden[rows, positions].float())
        return logits.squeeze(-1)


def new_head(hidden_size: int, *, mean: float = 0.5) -> nn.Linear:
    """A head that answers `mean`, in (0, 1), for every state, until it is trained."""
    head = nn.Linear(hidden_size, 1)
    nn.init.zeros_(head.weight)
    nn.init.constant_(head.bias, math.log(mean / (1 - mean)))
    return head


def pad(sequences: Sequence[EncodedSequence], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """The arguments of `ValueModel.forward` for these sequences; the values come sequence after sequence."""
    longest = max(len(sequence.tokens) for sequence in sequences)
    # Any id serves as padding: nothing before it attends to it, and no value is read there.
    tokens = torch.zeros(len(sequences), longest, dtype=torch.int64)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence.tokens)] = torch.tensor(sequence.tokens)
    counts = torch.tensor([len(sequence.boundaries) for sequence in sequences])
    rows = torch.arange(len(sequences)).repeat_interleave(counts)
    positions = torch.tensor([position for sequence in sequences for position in sequence.boundaries])
    return tokens.to(device), rows.to(device), positions.to(device)
