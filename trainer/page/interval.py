"""Means over seeds with Student's 95% interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Interval:
    """A value with its 95% interval; without one, both ends are None."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> str:
        """Of a difference: whether it is clear of 0."""
        if self.low is not None and self.low > 0:
            return "up"
        return "down" if self.high is not None and self.high < 0 else "open"


def mean_interval(values: Sequence[float]) -> Interval:
    """The mean with Student's t interval, which takes the values for independent and about normal.

    Args:
        values: One for each seed, at least one; of a single one there is no interval.
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Interval(mean)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    half = t_quantile(count - 1) * deviation / math.sqrt(count)
    return Interval(mean, mean - half, mean + half)


def difference(before: Interval, after: Interval) -> Interval:
    """after - before as if the two were independent; of the same questions they are closer than that."""
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return Interval(after.value - before.value)
    below = math.hypot(after.value - after.low, before.high - before.value)
    above = math.hypot(after.high - after.value, before.value - before.low)
    change = after.value - before.value
    return Interval(change, change - below, change + above)


@cache
def t_quantile(freedom: int) -> float:
    """The 97.5% quantile of Student's t distribution with so many degrees of freedom, at least 1."""
    low, high = 1.0, 13.0  # 12.706 with one degree
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _inside(middle, freedom) < 0.95 else (low, middle)
    return (low + high) / 2


def _inside(t: float, freedom: int) -> float:
    """P(|T| < t), by the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle) ** 2
    term = total = math.cos(angle) if freedom % 2 else 1.0
    for index in range(3 if freedom % 2 else 2, freedom - 1, 2):
        term *= cosine * (index - 1) / index
        total += term
    if freedom % 2 == 0:
        return math.sin(angle) * total
    return 2 / math.pi * (angle + (math.sin(angle) * total if freedom > 1 else 0.0))
