"""What it costs that the sampler's probabilities are not the trainer's, and the weights that correct it.

A server that samples computes in other kernels, in another precision, or with weights of some steps ago: the tokens
come from a policy that is not quite the one whose ratio is clipped. Weighting each token by the trainer's probability
over the sampler's corrects the expectation, and truncating the weight bounds the variance: E. L. Ionides, Truncated
Importance Sampling, 2008; for this mismatch, token by token, F. Yao, L. Liu and others, On the Rollout-Training
Mismatch in Modern RL Systems, 2025 (openreview.net/forum?id=8MHqvb4lK9).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LARGEST = 20.0
"""A difference of logarithms counts no further than this, so that a mean ratio stays a finite number."""


def truncated_weights(old_log_probabilities: Tensor, sampler: Tensor, cap: float) -> Tensor:
    """min(exp(old - sampler), cap) of each token, without a gradient, float32.

    Args:
        old_log_probabilities: Natural logarithms under the trainer's policy that stands for the one that sampled.
        sampler: The same as the sampler gave them.
        cap: The largest weight.
    """
    difference = old_log_probabilities.detach().float() - sampler.detach().float()
    return difference.clamp(max=LARGEST).exp().clamp(max=cap)


@dataclass(frozen=True)
class Mismatch:
    """Of some tokens; both sums add up over micro-batches."""

    difference: float
    """Sum of |old - sampler|, natural logarithms."""
    ratio: float
    """Sum of exp(old - sampler)."""
    largest: float
    """Largest |old - sampler|."""


def mismatch(old_log_probabilities: Tensor, sampler: Tensor, shares: Tensor) -> Mismatch:
    """How far the trainer's log-probabilities are from the sampler's; a padded token has share 0."""
    difference = torch.where(shares > 0, old_log_probabilities.detach().float() - sampler.float(), 0.0)
    ratio = torch.where(shares > 0, difference.clamp(max=LARGEST).exp(), 0.0)
    size = difference.abs()
    return Mismatch(float(size.sum()), float(ratio.sum()), float(size.max()))
