"""Fits a critic's values to labels on which it was not trained, by a scale and an offset of their logit.

Platt's scaling with soft targets: the temperature of arXiv 1706.04599, and an offset, since a critic of something else
may be wrong in the mean, too.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from critic.model import ValueModel
from critic.training.examples import Example

_CLOSEST = 1e-6
"""Values are no nearer to 0 and 1 than this, so that their logits are finite."""
_PRIOR = 1.0
"""Weight, in states, of the scale and offset that change nothing: without it few states could ask for anything."""
_STEPS = 50


def calibrate(model: ValueModel, examples: Sequence[Example], values: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Changes the head so that values of such states have the least cross-entropy; their order stays.

    Args:
        model: Gave the values.
        examples: With labels that the critic was not trained on. Verified final states are left out, as in measuring.
        values: At their boundaries.

    Returns:
        The scale and offset. 1 and 0 where no state has a label.
    """
    pairs = [
        (value, target)
        for example, row in zip(examples, values, strict=True)
        for value, target in zip(row, example.unfinished, strict=False)
        if not math.isnan(target)
    ]
    scale, offset = fit([value for value, _ in pairs], [target for _, target in pairs])
    # A head is one linear layer, or ends in one.
    last = model.head if isinstance(model.head, nn.Linear) else list(model.head.children())[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        last.weight.mul_(scale)
        last.bias.mul_(scale).add_(offset)
    return scale, offset


def fit(values: Sequence[float], targets: Sequence[float]) -> tuple[float, float]:
    """The scale, above 0, and the offset of the values' logits with the least cross-entropy to the targets.

    Newton's method on the logarithm of the scale and the offset, with halved steps where a whole one goes too far.
    """
    value, target = np.array(values).clip(_CLOSEST, 1 - _CLOSEST), np.array(targets)
    logits = np.log(value / (1 - value))

    def loss(point: np.ndarray) -> float:
        moved = logits * math.exp(point[0]) + point[1]
        return float((np.logaddexp(0, moved) - target * moved).sum() + _PRIOR / 2 * (point @ point))

    point = np.zeros(2)
    for _ in range(_STEPS):
        scaled = logits * math.exp(point[0])
        found = 1 / (1 + np.exp(-(scaled + point[1])))
        slopes = np.stack([scaled, np.ones_like(scaled)])
        gradient = slopes @ (found - target) + _PRIOR * point
        # Gauss-Newton's matrix: positive definite wherever the point is.
        step = np.linalg.solve((slopes * (found * (1 - found))) @ slopes.T + _PRIOR * np.eye(2), gradient)
        while loss(point - step) > loss(point) and np.abs(step).max() > 1e-9:
            step /= 2
        point = point - step
        if np.abs(step).max() < 1e-9:
            break
    return math.exp(point[0]), float(point[1])
