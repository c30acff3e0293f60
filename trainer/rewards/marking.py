"""From verdicts to correctness and reward.

Correctness is that of the row's own task alone: difficulty and the critic's last value are computed from it. The reward
has as many parts as the settings give it; outcome advantages alone are computed from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from codaserve.v1 import scorer_pb2 as pb
from trainer.rewards.settings import SCORE, RewardSettings

Scorer = Callable[[Sequence[pb.ScoreItem]], Sequence[pb.ScoreResult]]
"""Asks a scorer; results in order."""

INVALID_SCORE = "INVALID_SCORE"
"""The scorer decided, but its score is no number in [0, 1]."""


@dataclass(frozen=True)
class Score:
    """Verdicts that decided."""

    correct: bool
    """y_i: what difficulty and step credit are computed from."""
    reward: float
    """r_i: what outcome advantages are computed from: the weighted sum of the parts. Without other settings it is the
    score of the verdict, which under partial credit may lie between 0 and 1."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """The score of each part of the reward, from 0 to 1, before its weight."""


@dataclass(frozen=True)
class Unscored:
    """Why a response has no score."""

    code: str
    """A failure's code or a reason of indecision; after the name of a part of the reward if it is that task's."""
    result: pb.ScoreResult


@dataclass(frozen=True)
class Marking:
    """How the responses of a batch are marked."""

    rewards: Sequence[RewardSettings] = (SCORE,)
    """Parts of the reward."""
    truncated: Literal["score", "mask", "wrong"] = "score"
    """What becomes of a response that reached the token limit: as in the settings."""
    others: Mapping[str, Scorer] = field(default_factory=dict)
    """Scorers of parts that have their own, by name."""

    @property
    def tasks(self) -> list[str]:
        """Names of the parts that are scored by a task of their own."""
        return [reward.name for reward in self.rewards if reward.kind == "task"]

    def wrong(self) -> Score:
        """Of a response that is counted wrong without being looked at."""
        return Score(False, 0.0, {reward.name: 0.0 for reward in self.rewards})

    def score(self, own: pb.ScoreResult, tasks: Mapping[str, pb.ScoreResult]) -> Score | Unscored:
        """Of one response, or why it has none: a part that is missing is never 0.

        Args:
            own: Of the row's own task.
            tasks: Of the parts with a task of their own, by name.
        """
        for name, result in {"": own, **tasks}.items():
            code = _missing(result)
            if code:
                return Unscored(f"{name}: {code}" if name else code, result)
        parts = {reward.name: _part(reward, own, tasks) for reward in self.rewards}
        return Score(own.verdict.correct, sum(reward.weight * parts[reward.name] for reward in self.rewards), parts)


def _missing(result: pb.ScoreResult) -> str:
    """A failure's code or a reason of indecision; empty for a verdict that decided."""
    if not result.HasField("verdict"):
        return pb.FailureCode.Name(result.failure.code)
    if not result.verdict.HasField("correct"):
        return pb.Reason.Name(result.verdict.reason)
    return "" if 0 <= _score(result.verdict) <= 1 else INVALID_SCORE


def _part(reward: RewardSettings, own: pb.ScoreResult, tasks: Mapping[str, pb.ScoreResult]) -> float:
    if reward.kind == "task":
        return _score(tasks[reward.name].verdict)
    if reward.kind == "extraction":
        return float(own.verdict.extraction_rule in reward.rules)
    return float(own.verdict.correct) if reward.kind == "correct" else _score(own.verdict)


def _score(verdict: pb.Verdict) -> float:
    return verdict.score if verdict.HasField("score") else float(verdict.correct)
