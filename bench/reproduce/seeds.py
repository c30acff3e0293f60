"""Means over seeds with their intervals, paired tests, and when a curve reached a level. Pure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.reproduce.results import Curve

T_QUANTILES = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""Of Student's distribution at 0.975, by the number of values (one more than the degrees of freedom)."""
MOST_ITERATIONS = 2
"""Of DAPO."""
PARTS = 2000
"""Of a numeric integral, even."""


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its 95% interval (Student's t)."""

    mean: float
    half: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Interval":
        """Of at least two values, at most ten."""
        spread = statistics.stdev(values) / math.sqrt(len(values))
        return cls(statistics.fmean(values), T_QUANTILES[len(values)] * spread)

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} ± {100 * self.half:.1f}"


def paired_p(differences: Sequence[float]) -> float:
    """Two-sided p-value of Student's t-test that the mean difference is 0.

    Args:
        differences: One for each seed, at least two.
    """
    spread = statistics.stdev(differences) / math.sqrt(len(differences))
    mean = statistics.fmean(differences)
    if spread == 0:
        return 0.0 if mean else 1.0
    return _beyond(abs(mean) / spread, len(differences) - 1)


def _beyond(t: float, freedom: int) -> float:
    """P(|T| > t). With T = sqrt(freedom) tan(angle) the density is that of cos(angle)^(freedom - 1), on a finite range
    that Simpson's rule takes well."""
    end = math.atan(t / math.sqrt(freedom))
    return 1 - _simpson(freedom, end) / _simpson(freedom, math.pi / 2)


def _simpson(freedom: int, end: float) -> float:
    width = end / PARTS
    weights = (1 if place in (0, PARTS) else 4 if place % 2 else 2 for place in range(PARTS + 1))
    return sum(weight * math.cos(place * width) ** (freedom - 1) for place, weight in enumerate(weights)) * width / 3


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """The mean of several, evaluation by evaluation, of which all have as many."""
    rollouts = zip(*(curve.rollouts for curve in curves), strict=True)
    accuracies = zip(*(curve.accuracy for curve in curves), strict=True)
    return Curve([statistics.fmean(of) for of in rollouts], [statistics.fmean(of) for of in accuracies])


def is_offline(curve: Curve) -> bool:
    """Whether it has evaluations at the ends of iterations alone, between which nothing is known."""
    return len(curve.rollouts) <= MOST_ITERATIONS + 1


def rising(curve: Curve) -> Curve:
    """The nearest curve that never falls (pool adjacent violators): where a noisy one first was at a level says more of
    its noise than of what it learned."""
    pools: list[tuple[float, int]] = []
    for value in curve.accuracy:
        mean, count = value, 1
        while pools and pools[-1][0] > mean:
            before, others = pools.pop()
            mean, count = (before * others + mean * count) / (others + count), others + count
        pools.append((mean, count))
    return Curve(curve.rollouts, [mean for mean, count in pools for _ in range(count)])


def reached(curve: Curve, level: float) -> float:
    """Rollouts at which the accuracy first was `level`, between evaluations in proportion; infinite if never."""
    for place, value in enumerate(curve.accuracy):
        if value >= level:
            if place == 0:
                return curve.rollouts[0]
            before = curve.accuracy[place - 1]
            share = (level - before) / (value - before)
            return curve.rollouts[place - 1] + share * (curve.rollouts[place] - curve.rollouts[place - 1])
    return math.inf
