"""The squared loss on triples of a state, a step and its advantage.

    L = 1/2 mean[(A / beta - (log pi_theta(a|s) - log pi_ref(a|s)))^2]

DAPO, arXiv 2412.18279, eq. 12. log pi(a|s) is the sum of the step's token log-probabilities; pi_ref is the frozen
policy that sampled the data. There is no clip, no KL term and no partition function. Every pair carries its share of
the batch's mean from the start, so that the loss is a plain sum over pairs and does not depend on how they are cut into
micro-batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SquaredLoss:
    """Over the pairs that were given."""

    loss: Tensor
    """To be minimised; a scalar with a gradient."""
    ratios: Tensor
    """log pi_theta(a|s) - log pi_ref(a|s) of each, no gradient."""


def step_log_probabilities(tokens: Tensor, lengths: Sequence[int]) -> Tensor:
    """log pi(a|s) of each step: the sum over its tokens, float32.

    Args:
        tokens: Log-probabilities, [steps, longest], padded on the right with anything, not finite numbers included.
        lengths: Tokens of each step.
    """
    position = torch.arange(tokens.shape[1], device=tokens.device)
    real = position < torch.tensor(lengths, device=tokens.device)[:, None]
    return torch.where(real, tokens.float(), 0.0).sum(1)


def squared_loss(
    log_probabilities: Tensor, reference: Tensor, advantages: Tensor, shares: Tensor, *, beta: float
) -> SquaredLoss:
    """The loss over some of the batch's pairs; sums of parts are the loss of the whole.

    All four have one number for each pair.

    Args:
        log_probabilities: Of the steps under the policy that is trained.
        reference: The same under the reference policy.
        advantages: A(s, a).
        shares: As `pair_shares` gives them.
        beta: How far the policy may go: log pi_theta - log pi_ref is drawn to A / beta.
    """
    ratios = log_probabilities.float() - reference.float()
    return SquaredLoss((0.5 * shares * (advantages / beta - ratios) ** 2).sum(), ratios.detach())


def pair_shares(weights: Sequence[float]) -> list[float]:
    """The share of each pair in the loss of its whole batch: its weight over the number of pairs.

    Weights of 1 give the mean; others, as v_q + delta, multiply a pair's term and are not normalised, as in CoDaPO's
    weighting (arXiv 2606.07950).
    """
    return [weight / len(weights) for weight in weights]
