"""log pi(a|s) of steps by the training forward pass: of the reference policy once, of the trained one at each step.

The reference's are not those of sampling: the same computation on both sides makes their difference 0 before training,
but for rounding.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from critic.attention import UnsupportedAttentionError
from trainer.dapo.packed import packed_attention, packed_forward
from trainer.dapo.pairs import Pair, StateAndStep, padded_forward

TOLERANCE = 1e-5
"""Greatest difference of log-probabilities, relative to their size, between two ways of computing them in float32. They
agree to 1e-7; a step that sees another one is off by 1e-4 even in a small model of random weights."""
_PROBE = [Pair(StateAndStep([1, 2, 3, 4, 5, 6, 7], step)) for step in ([2, 3, 1, 5], [6], [3, 3, 7, 1, 2, 4])]


class Passes:
    """The forward passes of a run."""

    def __init__(
        self, accelerator: Accelerator, model: Any, *, packed: bool, temperature: float, max_tokens: int
    ) -> None:
        """
        Args:
            accelerator: Has prepared the model.
            model: The policy.
            packed: What `packs` said of it.
            temperature: Of sampling.
            max_tokens: Of one pass, padding included; changes memory and speed, not the result.
        """
        self._inner = accelerator.unwrap_model(model)
        self._model = model
        self._packed = packed
        self._options: dict[str, Any] = {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "device": accelerator.device,
        }

    def attention(self) -> AbstractContextManager[None]:
        """What forward passes, and their backward passes, run in."""
        return packed_attention(self._inner) if self._packed else nullcontext()

    def forward(self, pairs: Sequence[Pair]) -> Iterator[tuple[list[int], Tensor]]:
        """Positions of some of the pairs and log pi(a|s) of each, until all were there."""
        run = packed_forward if self._packed else padded_forward
        return run(self._model, pairs, **self._options)

    def without_gradient(self, pairs: Sequence[Pair]) -> list[float]:
        """log pi(a|s) of each pair, in order."""
        found = [0.0] * len(pairs)
        with torch.no_grad(), self.attention():
            for rows, sums in self.forward(pairs):
                for row, value in zip(rows, sums.tolist(), strict=True):
                    found[row] = value
        return found


def packs(model: Any) -> bool:
    """Whether a model computes packed rows, proved by a few tokens: one that does not may not say so.

    Args:
        model: In float32, not yet prepared by accelerate.
    """
    try:
        with torch.no_grad():
            padded = _probed(padded_forward(model, _PROBE, temperature=1.0, max_tokens=100, device=model.device))
            with packed_attention(model):
                packed = _probed(packed_forward(model, _PROBE, temperature=1.0, max_tokens=100, device=model.device))
    except (UnsupportedAttentionError, ValueError, TypeError, AttributeError):
        return False
    return bool(((packed - padded).abs() <= TOLERANCE * padded.abs().clamp(min=1)).all())


def _probed(passes: Iterator[tuple[list[int], Tensor]]) -> Tensor:
    found = torch.zeros(len(_PROBE))
    for rows, sums in passes:
        found[rows] = sums.float().cpu()
    return found
