"""Turns groups and their rows into a report."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from trainer.codapo.sampling import Plan
from trainer.codapo.values import MIN_SCORED
from trainer.credit import Row
from trainer.groups import Answer, Group, unscored_counts
from trainer.report.levels import by_level
from trainer.report.reports import BatchReport, LevelReport, QuestionReport, UpdateReport
from trainer.report.samples import sample_reports


def batch_report(
    groups: Sequence[Group],
    rows: Sequence[Row],
    update: UpdateReport | None,
    plan: Plan | None,
    *,
    samples: bool = False,
) -> BatchReport:
    """What is known of a batch after its update.

    Args:
        groups: Scored groups.
        rows: What the policy was trained on.
        update: What the update did.
        plan: Which questions get fresh groups; None for the focused batch and where nothing is resampled.
        samples: Whether to keep a few responses.
    """
    answers = [answer for group in groups for answer in group.answers]
    scored = [answer for group in groups for answer in group.scored]
    advantages = [row.outcome_advantage for row in rows]
    return BatchReport(
        rollouts=len(answers),
        scored=len(scored),
        unscored=unscored_counts(answers),
        reward=_mean([answer.score.reward for answer in scored if answer.score]),
        accuracy=_mean([float(answer.score.correct) for answer in scored if answer.score]),
        levels=_levels(groups),
        confidence_correct=_confidence([answer for answer in scored if answer.score and answer.score.correct]),
        confidence_incorrect=_confidence([answer for answer in scored if answer.score and not answer.score.correct]),
        positive_advantage=_mean([advantage for advantage in advantages if advantage > 0]),
        negative_advantage=_mean([advantage for advantage in advantages if advantage < 0]),
        outcome_term=_mean([abs(term) for row in rows for term in row.outcome_terms]),
        step_term=_mean([abs(term) for row in rows for term in row.step_terms]),
        critic_missing=dict(Counter(answer.no_steps for answer in answers if answer.no_steps)),
        groups_without_update=sum(len(group.scored) < MIN_SCORED for group in groups),
        truncated=_mean([float(answer.rollout.truncated) for answer in answers]) or 0.0,
        response_tokens=_mean([len(answer.rollout.response_ids) for answer in answers]) or 0.0,
        questions=[_question(group, plan, number) for number, group in enumerate(groups)],
        update=update,
        critics=sorted({group.critic for group in groups if group.critic}),
        samples=sample_reports(groups) if samples else [],
        rewards=_parts([answer.score.parts for answer in scored if answer.score]),
        truncated_masked=sum(answer.cut == "masked" for answer in answers),
        truncated_wrong=sum(answer.cut == "wrong" for answer in answers),
    )


def _question(group: Group, plan: Plan | None, number: int) -> QuestionReport:
    value = group.value
    return QuestionReport(
        id=group.question.id,
        level=group.question.level,
        confidence=None if value is None else value.confidence,
        difficulty=None if value is None else value.difficulty,
        value=None if value is None else value.value,
        correct=sum(group.correct),
        scored=len(group.scored),
        unscored=sum(bool(answer.unscored) for answer in group.answers),
        masked=sum(answer.cut == "masked" for answer in group.answers),
        reward=_mean(group.rewards),
        resampled=0 if plan is None else plan.counts[number],
        reason="" if plan is None else plan.reasons[number],
    )


def _parts(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: math.fsum(parts[name] for parts in scores) / len(scores) for name in (scores[0] if scores else {})}


def _levels(groups: Sequence[Group]) -> dict[str, LevelReport]:
    verdicts: dict[str, list[bool]] = {}
    for group in groups:
        if group.question.level is not None and group.correct:
            verdicts.setdefault(group.question.level, []).extend(group.correct)
    return {level: LevelReport(sum(of) / len(of), len(of)) for level, of in by_level(verdicts).items()}


def _confidence(answers: Sequence[Answer]) -> float | None:
    """exp(mean log p): over tokens within a response, then over responses, as confidence is defined."""
    means = [math.fsum(answer.rollout.log_probabilities) / len(answer.rollout.log_probabilities) for answer in answers]
    mean = _mean(means)
    return None if mean is None else math.exp(mean)


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
