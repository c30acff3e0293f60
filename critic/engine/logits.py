"""From logits to values."""

from collections.abc import Sequence

import torch
from torch import Tensor

_BOUND = 30.0
"""Keeps sigmoid off exactly 0 and 1 in double precision; 1e-13 away from certainty is certain enough."""


def probabilities(logits: Tensor | Sequence[float]) -> list[float]:
    """The sigmoid of each, in (0, 1); NaN where a logit is not finite."""
    exact = torch.as_tensor(logits, dtype=torch.float64, device="cpu")
    values = exact.clamp(-_BOUND, _BOUND).sigmoid()
    values[~exact.isfinite()] = torch.nan
    return values.tolist()
