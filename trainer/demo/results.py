"""What a demo run found, as plain data: shown at the end, written to results.json."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from codaserve.files import write_atomically
from trainer.report.reports import Estimate, EvaluationReport, StepReport

OVERALL = "all"
"""The row of all levels together."""


@dataclass
class StepPoint:
    """One training step, for the curves."""

    step: int
    reward: float | None
    levels: dict[str, float]
    """Accuracy of the first batch by level."""
    confidence_right: float | None
    confidence_wrong: float | None
    focused_reward: float | None
    resampled: list[dict[str, Any]]
    """Questions of the focused batch: id, level, confidence, difficulty, value, groups, reason."""
    unscored: int
    seconds: float


@dataclass
class LevelGain:
    """Held-out accuracy of a level, or of all together, with 95% intervals."""

    level: str
    questions: int
    before: Estimate
    after: Estimate

    @property
    def gain(self) -> Estimate:
        """after - before, as if the two were independent; being of the same questions, they are closer than that."""
        difference = self.after.value - self.before.value
        below = math.hypot(self.after.value - self.after.low, self.before.high - self.before.value)
        above = math.hypot(self.after.high - self.after.value, self.before.value - self.before.low)
        return Estimate(difference, difference - below, difference + above)


@dataclass
class Refresh:
    """The critic's refresh."""

    solutions: int
    states: int
    completions: int
    unscored: int
    """Responses and completions without a verdict; they count for nothing."""
    held_out_states: int
    bce_before: float
    """Soft-target binary cross-entropy of the served critic on states of held-out questions, nats."""
    bce_after: float
    bce_constant: float
    """Of a critic that always says the mean of the training labels."""
    checkpoint_before: str
    checkpoint_after: str
    seconds: float


@dataclass
class Results:
    """A demo run."""

    seed: int
    steps: list[StepPoint] = field(default_factory=list)
    levels: list[LevelGain] = field(default_factory=list)
    """All together first, then level by level."""
    refresh: Refresh | None = None
    events: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """Elapsed time by part, and `total`."""

    @property
    def clear(self) -> bool:
        """Whether the overall gain is above zero by more than its interval."""
        return bool(self.levels) and self.levels[0].gain.low > 0

    def write(self, path: Path) -> None:
        """Writes JSON, atomically, with the gains spelled out."""
        content = asdict(self)
        for row, level in zip(content["levels"], self.levels, strict=True):
            row["gain"] = asdict(level.gain)
        write_atomically(path, json.dumps(content, indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` wrote."""
        content = json.loads(path.read_text())
        return cls(
            seed=content["seed"],
            steps=[StepPoint(**point) for point in content["steps"]],
            levels=[
                LevelGain(row["level"], row["questions"], Estimate(**row["before"]), Estimate(**row["after"]))
                for row in content["levels"]
            ],
            refresh=Refresh(**content["refresh"]) if content["refresh"] else None,
            events=content["events"],
            seconds=content["seconds"],
        )


def step_point(report: StepReport) -> StepPoint:
    """The part of a step's report that the demo keeps."""
    batches = [batch for batch in (report.batch, report.focused) if batch is not None]
    return StepPoint(
        step=report.step,
        reward=report.reward,
        levels={name: level.accuracy for name, level in report.batch.levels.items()},
        confidence_right=report.batch.confidence_correct,
        confidence_wrong=report.batch.confidence_incorrect,
        focused_reward=report.focused.reward if report.focused is not None else None,
        resampled=[
            {
                "id": question.id,
                "level": question.level,
                "confidence": question.confidence,
                "difficulty": question.difficulty,
                "value": question.value,
                "groups": question.resampled,
                "reason": question.reason,
            }
            for question in sorted(report.questions, key=lambda q: -(q.value or 0.0))
            if question.resampled
        ],
        unscored=sum(sum(batch.unscored.values()) for batch in batches),
        seconds=report.timings["total"],
    )


def level_gains(before: EvaluationReport, after: EvaluationReport) -> list[LevelGain]:
    """Both evaluations side by side: all together first, then the levels that both have, in order."""
    rows = [LevelGain(OVERALL, min(before.questions, after.questions), before.mean_at_k, after.mean_at_k)]
    for level in sorted(before.levels.keys() & after.levels.keys()):
        count = min(before.level_questions[level], after.level_questions[level])
        rows.append(LevelGain(level, count, before.levels[level], after.levels[level]))
    return rows
