"""What the trainings came to: held-out accuracy by the number of rollouts that it took."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FINISHED = "finished.json"
"""In the folder of a training that has ended well."""
T_QUANTILES = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""Of Student's distribution at 0.975, by the number of values (one more than the degrees of freedom)."""


@dataclass(frozen=True)
class Curve:
    """Held-out accuracy of one training.

    Attributes:
        rollouts: Spent on training before each evaluation, from 0.
        accuracy: Mean correctness of the held-out responses then.
    """

    rollouts: Sequence[int]
    accuracy: Sequence[float]

    @property
    def final(self) -> float:
        """The last accuracy."""
        return self.accuracy[-1]

    def reached(self, level: float) -> float:
        """Rollouts at which the accuracy first was `level`, between evaluations in proportion; infinite if never."""
        for place, value in enumerate(self.accuracy):
            if value >= level:
                if place == 0:
                    return float(self.rollouts[0])
                before = self.accuracy[place - 1]
                share = (level - before) / (value - before)
                return self.rollouts[place - 1] + share * (self.rollouts[place] - self.rollouts[place - 1])
        return math.inf


def read(run: Path) -> Curve:
    """The curve of a run's folder.

    Raises:
        ValueError: It has no evaluation.
    """
    spent, rollouts, accuracy = {0: 0}, list[int](), list[float]()
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    total = 0
    for line in (line for line in lines if line["kind"] == "step"):
        total += sum(line[name]["rollouts"] for name in ("batch", "focused") if line[name] is not None)
        spent[line["step"]] = total
    for line in (line for line in lines if line["kind"] == "evaluation"):
        rollouts.append(spent[line["step"]])
        accuracy.append(line["mean_at_k"]["value"])
    if not rollouts:
        raise ValueError(f"{run} has no evaluation")
    return Curve(rollouts, accuracy)


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


def at(curve: Curve, rollouts: float) -> float:
    """Accuracy after so many rollouts, between evaluations in proportion."""
    for place in range(1, len(curve.rollouts)):
        if curve.rollouts[place] >= rollouts:
            begin, end = curve.rollouts[place - 1], curve.rollouts[place]
            share = (rollouts - begin) / (end - begin)
            return curve.accuracy[place - 1] + share * (curve.accuracy[place] - curve.accuracy[place - 1])
    return curve.final
