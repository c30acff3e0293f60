"""log pi(a|s) of steps by the training forward pass: of the reference policy once, of the trained one at each step.

The reference's are not those of sampling: the same computation on both sides makes their difference 0 before training,
but for rounding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from trainer.objectives.squared import step_log_probabilities
from trainer.policy import log_probabilities, micro_batches


@dataclass(frozen=True)
class StateAndStep:
    """Tokens of a state and of a step that follows it."""

    prompt_ids: Sequence[int]
    response_ids: Sequence[int]


@dataclass(frozen=True)
class Pair:
    """What one forward pass is made of."""

    rollout: StateAndStep


def forward(
    model: Any, pairs: Sequence[Pair], *, temperature: float, max_tokens: int, device: torch.device
) -> Iterator[tuple[list[int], Tensor]]:
    """Passes of at most `max_tokens` tokens: positions of their pairs, and log pi(a|s) of each.

    Args:
        model: Prepared by accelerate.
        pairs: All of them.
        temperature: Of sampling.
        max_tokens: Padding included; changes memory and speed, not the result.
        device: The model's.
    """
    for batch in micro_batches(pairs, max_tokens, device):
        tokens = log_probabilities(model, batch, temperature)
        yield batch.rows, step_log_probabilities(tokens, [len(pairs[row].rollout.response_ids) for row in batch.rows])


def without_gradient(
    model: Any, pairs: Sequence[Pair], *, temperature: float, max_tokens: int, device: torch.device
) -> list[float]:
    """log pi(a|s) of each pair, in order; the arguments are those of `forward`."""
    found = [0.0] * len(pairs)
    with torch.no_grad():
        for rows, sums in forward(model, pairs, temperature=temperature, max_tokens=max_tokens, device=device):
            for row, value in zip(rows, sums.tolist(), strict=True):
                found[row] = value
    return found
