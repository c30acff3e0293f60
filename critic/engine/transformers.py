"""The engine that runs the model in process with transformers."""

from collections.abc import Sequence
from itertools import islice

import torch

from critic.engine.logits import probabilities
from critic.model import ValueModel
from critic.packing import pack
from critic.tree import Tree

CPU_PASS_TOKENS = 2048
"""Larger passes gain nothing on a CPU and let others wait longer."""
ACCELERATOR_PASS_TOKENS = 65536
"""Enough work to fill an accelerator."""


class TransformersEngine:
    """Packed rows on one device: no padding, and what sequences have in common computed once."""

    def __init__(self, model: ValueModel) -> None:
        """Args:
        model: In evaluation mode, on its device.
        """
        self._model = model
        weight = next(model.backbone.parameters())
        self._device = weight.device
        self.best_pass_tokens = CPU_PASS_TOKENS if weight.device.type == "cpu" else ACCELERATOR_PASS_TOKENS
        self.device = f"{weight.device} {str(weight.dtype).removeprefix('torch.')}"

    @torch.inference_mode()
    def values(self, trees: Sequence[Tree]) -> list[list[list[float]]]:
        """As `Engine.values`.

        Raises:
            UnsupportedAttentionError: The model's attention is of a kind that packed rows do not support.
        """
        flat = iter(probabilities(self._model(pack(trees, self._device))))
        return [[list(islice(flat, len(sequence.boundaries))) for sequence in tree.sequences] for tree in trees]

    def close(self) -> None:
        """As `Engine.close`: the model goes with its last user."""


def place(device: str, dtype: str) -> tuple[torch.device, torch.dtype]:
    """Resolves "auto": an accelerator where there is one; bfloat16 on it and float32 on CPU."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if dtype == "auto":
        dtype = "float32" if device == "cpu" else "bfloat16"
    return torch.device(device), getattr(torch, dtype)
