"""Pairs of a state and a step, and their log pi(a|s) with a row for each."""

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


def padded_forward(
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
