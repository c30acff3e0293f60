"""A few responses of a run with the value of each step, for a person to read."""

import itertools
import math
from collections.abc import Sequence

from trainer.codapo.steps import StepCredit
from trainer.groups import Answer, Group
from trainer.report.reports import SampleReport, SampleStep
from trainer.rollout.rollout import Rollout

QUESTIONS = 3
"""Questions of a step whose responses are kept, a right and a wrong one of each."""
LONGEST = 8000
"""Characters of a prompt or a response that are kept."""
MANTISSAS = (1, 2, 5)


def is_sampled(step: int, steps: int) -> bool:
    """Whether responses of a step are kept: 1, 2, 5, 10, 20, 50, ... and the last, so few however long the run is."""
    leading = step
    while leading % 10 == 0:
        leading //= 10
    return leading in MANTISSAS or step == steps


def sample_reports(groups: Sequence[Group]) -> list[SampleReport]:
    """A right and a wrong response, where there are both, of the questions of highest value.

    Args:
        groups: Of one batch, scored and with the critic's steps if there are any.
    """
    valued = [(group.value.value if group.value else 0.0, group) for group in groups if group.scored]
    valued.sort(key=lambda pair: -pair[0])
    reports = []
    for _, group in valued[:QUESTIONS]:
        for verdict in (True, False):
            answer = next((a for a in group.scored if a.score and a.score.correct is verdict), None)
            if answer is not None:
                reports.append(_report(group, answer))
    return reports


def _report(group: Group, answer: Answer) -> SampleReport:
    assert answer.score is not None
    rollout = answer.rollout
    first, steps = _steps(rollout, answer.steps, answer.score.correct) if answer.steps else (None, [])
    logs = rollout.log_probabilities
    return SampleReport(
        id=group.question.id,
        level=group.question.level,
        prompt=rollout.prompt[:LONGEST],
        response=rollout.response[:LONGEST],
        cut=max(0, len(rollout.response) - LONGEST),
        correct=answer.score.correct,
        reward=answer.score.reward,
        confidence=math.exp(math.fsum(logs) / len(logs)),
        prompt_value=first,
        steps=[step for step in steps if step.begin < LONGEST],
        no_steps=answer.no_steps,
    )


def _steps(rollout: Rollout, credit: StepCredit, correct: bool) -> tuple[float, list[SampleStep]]:
    """V_0 and the steps. Step advantages add up to the outcome less V_0, so they hold every value."""
    first = float(correct) - math.fsum(credit.advantages)
    values = list(itertools.accumulate(credit.advantages, initial=first))[1:]
    ends = [rollout.token_ends[end - 1] if end else 0 for end in credit.token_ends]
    steps = [
        SampleStep(begin, end, round(value, 6), round(advantage, 6))
        for (begin, end), value, advantage in zip(
            itertools.pairwise([0, *ends]), values, credit.advantages, strict=True
        )
    ]
    return round(first, 6), steps
