"""The clipped objective, averaged over each question's tokens and then over questions.

    mean over q of (1 / sum_i |o_i|) sum_i,t w min(rho A, clip(rho, 1 - eps, 1 + eps_high) A)

CoDaPO, arXiv 2606.07950, writes a sum over questions; the mean keeps the step size independent of the batch. There
eps_high is eps and every w is 1; a wider upper side is "clip higher" of arXiv 2503.14476, and w an importance weight
(objectives/importance.py). Every token carries its share 1 / (questions * tokens of its question) from the start, so
that the loss is a plain sum over tokens and does not depend on how they are cut into micro-batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class ClippedLoss:
    """Sums over the tokens that were given."""

    loss: Tensor
    """To be minimised; a scalar with a gradient."""
    clipped: Tensor
    """How many tokens got no gradient because of the clip; a scalar."""


def clipped_loss(
    log_probabilities: Tensor,
    old_log_probabilities: Tensor,
    advantages: Tensor,
    shares: Tensor,
    *,
    clip: float,
    clip_high: float | None = None,
    weights: Tensor | None = None,
) -> ClippedLoss:
    """The objective's negative over some of the batch's tokens; sums of parts are the loss of the whole.

    All tensors have the same shape; a padded token has share 0. Computed in float32 whatever the inputs are.

    Args:
        log_probabilities: Natural logarithms under the policy that is trained.
        old_log_probabilities: The same under the policy that sampled, no gradient.
        advantages: The weighted advantage of each token.
        shares: As `token_shares` gives them.
        clip: eps.
        clip_high: eps_high; None is eps.
        weights: w of each token, no gradient; None is 1.
    """
    old = old_log_probabilities.detach().float()
    ratio = torch.exp(torch.where(shares > 0, log_probabilities.float() - old, 0.0))
    plain = ratio * advantages
    bounded = ratio.clamp(1 - clip, 1 + (clip if clip_high is None else clip_high)) * advantages
    gain = torch.minimum(plain, bounded)
    if weights is not None:
        gain = gain * weights.detach()
    return ClippedLoss(-(gain * shares).sum(), ((bounded < plain) & (shares > 0)).sum())


def token_shares(lengths: Sequence[int], questions: Sequence[int]) -> list[float]:
    """For each response the share that each of its tokens has in the loss of the whole batch.

    A question without any token is not counted.

    Args:
        lengths: Tokens of each response.
        questions: The question (group) of each response, any numbers.

    Raises:
        ValueError: The two differ in length.
    """
    totals: dict[int, int] = {}
    for length, question in zip(lengths, questions, strict=True):
        totals[question] = totals.get(question, 0) + length
    counted = sum(total > 0 for total in totals.values())
    return [1 / (counted * totals[question]) if totals[question] else 0.0 for question in questions]
