"""How good values are. Pure functions on plain numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10
"""Bins of the calibration error; more would hold too few states of a small held-out set each."""
_CLOSEST = 1e-12
"""Values are kept this far from 0 and 1 in the cross-entropy, which would be infinite there."""


@dataclass(frozen=True)
class Quality:
    """Values against Monte-Carlo targets on the same states."""

    states: int
    """How many."""
    bce: float
    """Mean soft-target cross-entropy, nats. Its least is the targets' own entropy, not 0."""
    brier: float
    """Mean squared difference."""
    calibration_error: float
    """Mean over states of |mean value - mean target| of the state's bin (expected calibration error)."""
    auc: float | None
    """Chance that a state on the way to a right answer has a higher value than one on the way to a wrong answer. None
    without states of both kinds."""


def measure(
    values: Sequence[float],
    targets: Sequence[float],
    outcome_values: Sequence[float],
    outcomes: Sequence[bool],
) -> Quality:
    """Compares values with targets, and ranks those whose answer's outcome is known.

    Args:
        values: In [0, 1], at least one.
        targets: Monte-Carlo values of the same states.
        outcome_values: Values of the states whose answer was finished and verified, final states left out.
        outcomes: Whether the answer was right, for each of them.
    """
    pairs = list(zip(values, targets, strict=True))
    return Quality(
        states=len(pairs),
        bce=sum(_cross_entropy(value, target) for value, target in pairs) / len(pairs),
        brier=sum((value - target) ** 2 for value, target in pairs) / len(pairs),
        calibration_error=calibration_error(values, targets),
        auc=auc(outcome_values, outcomes),
    )


def calibration_error(values: Sequence[float], targets: Sequence[float]) -> float:
    """Expected calibration error with equal-width bins: sum over bins of n_b / n |mean value - mean target|."""
    sums = [0.0] * BINS
    for value, target in zip(values, targets, strict=True):
        sums[min(int(value * BINS), BINS - 1)] += value - target
    return sum(abs(total) for total in sums) / len(values)


def auc(values: Sequence[float], labels: Sequence[bool]) -> float | None:
    """Area under the ROC curve, by the rank sum; equal values count half. None without both labels."""
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        return None
    order = sorted(range(len(values)), key=lambda index: values[index])
    rank_sum, start = 0.0, 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        rank = (start + 1 + stop) / 2  # the mean rank, from 1, of equal values
        rank_sum += rank * sum(labels[index] for index in order[start:stop])
        start = stop
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def _cross_entropy(value: float, target: float) -> float:
    value = min(max(value, _CLOSEST), 1 - _CLOSEST)
    return -(target * math.log(value) + (1 - target) * math.log(1 - value))
