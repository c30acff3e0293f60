"""Means over questions with 95% intervals, and pass@k: pure functions."""

import math
from collections.abc import Sequence

import numpy as np

from trainer.report.reports import Estimate

Z = 1.959963984540054
"""The normal distribution has 95% of its weight within so many standard deviations."""
RESAMPLES = 2000
"""Of the bootstrap."""
BATCH = 100
"""Resamples drawn at one time, which bounds the memory."""


def pass_at_k(n: int, c: int, k: int) -> float:
    """1 - C(n-c, k) / C(n, k), the unbiased estimate of the chance that one of k samples is right.

    Chen and others, Evaluating Large Language Models Trained on Code, arXiv 2107.03374, equation 1.

    Args:
        n: Samples that were scored, at least k.
        c: How many of them were right.
        k: At least 1.

    Raises:
        ValueError: The numbers do not fit together.
    """
    if not (0 <= c <= n and 1 <= k <= n):
        raise ValueError(f"pass@{k} of {c} right in {n} samples is not defined")
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def estimate(values: Sequence[float]) -> Estimate:
    """The mean over questions with its 95% interval.

    Wilson's interval when every value is 0 or 1, and when all are equal, where a bootstrap would see no spread at all:
    no mean of numbers in [0, 1] varies more than one of zeros and ones. Else the percentile bootstrap over questions,
    with a fixed seed.

    Args:
        values: One number in [0, 1] for each question.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("an estimate needs at least one question")
    mean = math.fsum(values) / len(values)
    if all(value in (0, 1) for value in values) or len(set(values)) == 1:
        return Estimate(mean, *_wilson(mean, len(values)))
    data = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(0)
    batches = range(RESAMPLES // BATCH)
    means = [data[generator.integers(0, len(data), (BATCH, len(data)))].mean(axis=1) for _ in batches]
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(mean, float(low), float(high))


def _wilson(mean: float, count: int) -> tuple[float, float]:
    centre = (mean + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(mean * (1 - mean) / count + Z**2 / (4 * count**2))
    return max(centre - half, 0.0), min(centre + half, 1.0)
