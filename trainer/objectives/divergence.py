"""How far the policy has gone from a frozen reference.

The estimator of KL(policy || reference) from tokens that the policy sampled is r - 1 - log r with r = reference over
policy: its mean is the divergence, it is never negative, and it varies less than -log r (J. Schulman, Approximating
KL Divergence, 2020, joschu.net/blog/kl-approx.html, the third estimator; GRPO, arXiv 2402.03300, equation 4).
"""

import torch
from torch import Tensor

LARGEST = 20.0
"""log r counts no further than this: its exponential would overflow and drown every other token."""


def divergence(log_probabilities: Tensor, reference: Tensor, shares: Tensor) -> Tensor:
    """The sum over tokens of share times estimate; with shares that sum to 1 their mean. A scalar with a gradient.

    All three have the same shape; a padded token has share 0. Computed in float32 whatever the inputs are.

    Args:
        log_probabilities: Natural logarithms under the policy that is trained.
        reference: The same under the reference, no gradient.
        shares: As `token_shares` gives them.
    """
    difference = torch.where(shares > 0, reference.detach().float() - log_probabilities.float(), 0.0)
    difference = difference.clamp(max=LARGEST)
    return ((difference.exp() - 1 - difference) * shares).sum()
