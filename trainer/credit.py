"""From scored groups to the advantage of every token."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.codapo.steps import token_advantages
from trainer.codapo.values import MIN_SCORED, centred_advantages, normalised_advantages, question_weight, sample_std
from trainer.groups import Group
from trainer.rollout.rollout import Rollout
from trainer.settings import TrainerSettings


@dataclass(frozen=True)
class Row:
    """A response that the policy is trained on."""

    rollout: Rollout
    group: int
    """Which group of the batch: the loss averages over a group's tokens first."""
    outcome_advantage: float
    """A_i, measured against the group, before lambda and weight."""
    outcome_terms: list[float]
    """For each token, before the question's weight."""
    step_terms: list[float]
    """For each token, before the question's weight."""
    weight: float
    """v_q + delta, or 1."""
    stepped: bool
    """Whether the critic is asked for its steps, with or without an answer."""

    @property
    def advantages(self) -> list[float]:
        """What the loss multiplies each token's ratio with."""
        return [self.weight * (a + b) for a, b in zip(self.outcome_terms, self.step_terms, strict=True)]

    @property
    def pulls(self) -> bool:
        """Whether a token may have an advantage other than 0: without one the clipped loss has no gradient here. Known
        before the critic has answered."""
        return self.weight != 0 and (self.outcome_advantage != 0 or self.stepped)


def training_rows(groups: Sequence[Group], settings: TrainerSettings) -> list[Row]:
    """Rows of all groups with two scored answers or more; unscored answers have none."""
    rows = []
    for number, group in enumerate(groups):
        if len(group.scored) >= MIN_SCORED:
            rows += _group_rows(number, group, settings)
    return rows


def _group_rows(number: int, group: Group, settings: TrainerSettings) -> list[Row]:
    value = group.value
    assert value is not None
    weighted = settings.objective.kind == "codapo" and settings.codapo.weighting
    weight = question_weight(value.value, settings.codapo.delta) if weighted else 1.0
    if settings.objective.baseline == "mean":
        advantages, std, floor = centred_advantages(group.rewards), 1.0, 1.0  # steps are not divided either
    else:
        advantages = normalised_advantages(group.rewards)
        std, floor = sample_std([float(correct) for correct in group.correct]), settings.objective.std_floor
    rows = []
    for answer, advantage in zip(group.scored, advantages, strict=True):
        outcome, step = token_advantages(
            advantage,
            len(answer.rollout.response_ids),
            answer.steps,
            lam=settings.objective.lambda_,
            std=std,
            floor=floor,
        )
        rows.append(Row(answer.rollout, number, advantage, outcome, step, weight, settings.uses_critic))
    return rows
