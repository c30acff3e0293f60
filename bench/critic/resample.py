"""How sure the difference of two critics is: the held-out questions, drawn again and again. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from critic.training.quality import BINS

Numbers = NDArray[np.float64]
RESAMPLES = 1000


@dataclass(frozen=True)
class States:
    """Held-out states with what is known of them, before the end of their answers."""

    targets: Numbers
    """Monte-Carlo values."""
    outcomes: Numbers
    """1 where the answer that they are of is right."""
    questions: NDArray[np.int64]
    """Whose they are, from 0."""

    @property
    def count(self) -> int:
        """Questions."""
        return int(self.questions.max()) + 1

    @cached_property
    def members(self) -> list[NDArray[np.int64]]:
        """The states of each question."""
        return [np.flatnonzero(self.questions == number) for number in range(self.count)]

    def draw(self, chance: np.random.Generator) -> NDArray[np.int64]:
        """As many questions as there are, drawn with replacement."""
        return chance.integers(0, self.count, self.count)

    def rows(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """The states of these questions, those of a question that is chosen twice twice."""
        return np.concatenate([self.members[number] for number in chosen])


@dataclass(frozen=True)
class Interval:
    """A number with its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


Measure = Callable[[Numbers, States, NDArray[np.int64]], float]
"""Of values, the states and which of them count."""


def gain(measure: Measure, ours: Sequence[Numbers], theirs: Sequence[Numbers], states: States, seed: int) -> Interval:
    """The mean over pairs of critics of ours' measure less theirs', with its 95% interval.

    Both critics of all pairs are measured on the same drawn questions (paired bootstrap, percentiles).

    Args:
        measure: What is compared.
        ours: Values of the states by each critic.
        theirs: Those of the critic that each is compared with.
        states: The states.
        seed: Of the drawing.
    """

    def difference(rows: NDArray[np.int64]) -> float:
        pairs = zip(ours, theirs, strict=True)
        return float(np.mean([measure(one, states, rows) - measure(other, states, rows) for one, other in pairs]))

    chance = np.random.default_rng(seed)
    drawn = [difference(states.rows(states.draw(chance))) for _ in range(RESAMPLES)]
    return _interval(difference(np.arange(len(states.targets))), drawn)


def rank_correlation(values: Numbers, states: States, rows: NDArray[np.int64]) -> float:
    """Spearman's between values and Monte-Carlo values; 0 where either are all equal."""
    return _spearman(values[rows], states.targets[rows])


def auc(values: Numbers, states: States, rows: NDArray[np.int64]) -> float:
    """Chance that a state on the way to a right answer is valued above one on the way to a wrong one."""
    right = states.outcomes[rows] > 0
    positives, negatives = int(right.sum()), int((~right).sum())
    if not positives or not negatives:
        return 0.5
    rank_sum = float(_ranks(values[rows])[right].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def cross_entropy(values: Numbers, states: States, rows: NDArray[np.int64]) -> float:
    """Mean soft-target cross-entropy, nats."""
    value, target = values[rows].clip(1e-12, 1 - 1e-12), states.targets[rows]
    return float(-(target * np.log(value) + (1 - target) * np.log(1 - value)).mean())


def calibration_error(values: Numbers, states: States, rows: NDArray[np.int64]) -> float:
    """Mean over states of |mean value - mean target| of the state's bin."""
    value, target = values[rows], states.targets[rows]
    bins = np.minimum((value * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(bins, value - target, BINS)).sum() / len(rows))


def within(values: Numbers, states: States) -> Numbers:
    """Spearman's between the states of each question, NaN where the targets of all of them are equal.

    0 where the values are. How hard questions are does not count: only what a policy chooses between.
    """
    found = []
    for members in states.members:
        varied = len(np.unique(states.targets[members])) > 1
        found.append(_spearman(values[members], states.targets[members]) if varied else np.nan)
    return np.array(found)


def gain_within(ours: Sequence[Numbers], theirs: Sequence[Numbers], states: States, seed: int) -> Interval:
    """As `gain`, of the mean of `within` over questions."""
    pairs = zip(ours, theirs, strict=True)
    differences = np.mean([within(one, states) - within(other, states) for one, other in pairs], axis=0)
    chance = np.random.default_rng(seed)
    drawn = [float(np.nanmean(differences[states.draw(chance)])) for _ in range(RESAMPLES)]
    return _interval(float(np.nanmean(differences)), drawn)


def _interval(value: float, drawn: Sequence[float]) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _spearman(one: Numbers, other: Numbers) -> float:
    a, b = _ranks(one), _ranks(other)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size else 0.0


def _ranks(numbers: Numbers) -> Numbers:
    """Each number's rank, from 1; equal ones have their mean rank."""
    _, place, count = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]
