"""How good values are. Pure functions on plain numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation

BINS = 10
"""Bins of the calibration error, of equal width, [0, 0.1) to [0.9, 1]; more would hold too few states each of a small
held-out set."""
_CLOSEST = 1e-12
"""Values are kept this far from 0 and 1 in the cross-entropy, which would be infinite there."""


@dataclass(frozen=True)
class Bin:
    """The states whose values are in [low, high)."""

    low: float
    high: float
    """The last bin has its end, too."""
    states: int
    """At least one."""
    value: float
    """Mean value."""
    target: float
    """Mean target: the same, if the values are calibrated."""


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
    rank_correlation: float | None
    """Spearman's, between values and targets. None where all values or all targets are equal."""
    rank_correlation_within: float | None
    """Mean over questions of Spearman's between the states of one question, which are what a policy chooses between:
    how hard questions are does not count. 0 for a question whose values are all equal; questions whose targets are all
    equal are left out. None without any."""
    bins: tuple[Bin, ...]
    """What the calibration error is computed from; empty ones left out."""


def measure(
    values: Sequence[float],
    targets: Sequence[float],
    outcome_values: Sequence[float],
    outcomes: Sequence[bool],
    questions: Sequence[int] = (),
) -> Quality:
    """Compares values with targets, and ranks those whose answer's outcome is known.

    Args:
        values: In [0, 1], at least one.
        targets: Monte-Carlo values of the same states.
        outcome_values: Values of the states whose answer was finished and verified, final states left out.
        outcomes: Whether the answer was right, for each of them.
        questions: Which question each of `values` belongs to; empty for all the same.
    """
    pairs = list(zip(values, targets, strict=True))
    bins = calibration_bins(values, targets)
    return Quality(
        states=len(pairs),
        bce=sum(_cross_entropy(value, target) for value, target in pairs) / len(pairs),
        brier=sum((value - target) ** 2 for value, target in pairs) / len(pairs),
        calibration_error=sum(b.states * abs(b.value - b.target) for b in bins) / len(pairs),
        auc=auc(outcome_values, outcomes),
        rank_correlation=rank_correlation(values, targets),
        rank_correlation_within=_within(values, targets, questions or [0] * len(pairs)),
        bins=bins,
    )


def calibration_bins(values: Sequence[float], targets: Sequence[float]) -> tuple[Bin, ...]:
    """Divides [0, 1] into `BINS` bins and gives those that have values.

    The expected calibration error is the sum over bins of n_b / n |mean value - mean target| (arXiv 1706.04599).
    """
    members: list[list[tuple[float, float]]] = [[] for _ in range(BINS)]
    for value, target in zip(values, targets, strict=True):
        members[min(int(value * BINS), BINS - 1)].append((value, target))
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            states=len(pairs),
            value=sum(value for value, _ in pairs) / len(pairs),
            target=sum(target for _, target in pairs) / len(pairs),
        )
        for number, pairs in enumerate(members)
        if pairs
    )


def auc(values: Sequence[float], labels: Sequence[bool]) -> float | None:
    """Area under the ROC curve, by the rank sum; equal values count half. None without both labels."""
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        return None
    rank_sum = sum(rank for rank, label in zip(_ranks(values), labels, strict=True) if label)
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def rank_correlation(values: Sequence[float], targets: Sequence[float]) -> float | None:
    """Spearman's rank correlation, equal numbers at their mean rank. None where all values or all targets are equal."""
    if len(set(values)) < 2 or len(set(targets)) < 2:
        return None
    return correlation(_ranks(values), _ranks(targets))


def _within(values: Sequence[float], targets: Sequence[float], questions: Sequence[int]) -> float | None:
    groups: dict[int, list[tuple[float, float]]] = {}
    for value, target, question in zip(values, targets, questions, strict=True):
        groups.setdefault(question, []).append((value, target))
    ranked = [
        rank_correlation([value for value, _ in pairs], [target for _, target in pairs]) or 0.0
        for pairs in groups.values()
        if len({target for _, target in pairs}) > 1
    ]
    return sum(ranked) / len(ranked) if ranked else None


def _ranks(values: Sequence[float]) -> list[float]:
    """Each value's rank, from 1; equal values have their mean rank."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for index in order[start:stop]:
            ranks[index] = (start + 1 + stop) / 2
        start = stop
    return ranks


def _cross_entropy(value: float, target: float) -> float:
    value = min(max(value, _CLOSEST), 1 - _CLOSEST)
    return -(target * math.log(value) + (1 - target) * math.log(1 - value))
