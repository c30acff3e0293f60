"""mean@k and pass@k on the held-out questions."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from trainer.estimates import estimate, pass_at_k
from trainer.groups import Group, unscored_counts
from trainer.report.levels import by_level
from trainer.report.reports import EvaluationReport


def evaluation_report(
    groups: Sequence[Group], *, step: int, moment: Literal["before", "during", "after"], samples: int, seconds: float
) -> EvaluationReport | None:
    """Of scored groups, one for each held-out question; None when no answer has a verdict.

    An unscored answer is left out: mean@k is over the scored answers of each question, and a question counts for
    pass@k when it has k of them.
    """
    counted = [group for group in groups if group.scored]
    if not counted:
        return None
    means = [sum(group.correct) / len(group.scored) for group in counted]
    of_level: dict[str, list[float]] = {}
    for group, mean in zip(counted, means, strict=True):
        if group.question.level is not None:
            of_level.setdefault(group.question.level, []).append(mean)
    levels = by_level(of_level)
    passes = {}
    for k in _powers(samples):
        enough = [pass_at_k(len(group.scored), sum(group.correct), k) for group in counted if len(group.scored) >= k]
        if enough:
            passes[k] = estimate(enough)
    answers = [answer for group in groups for answer in group.answers]
    return EvaluationReport(
        step=step,
        moment=moment,
        samples=samples,
        questions=len(counted),
        mean_at_k=estimate(means),
        pass_at_k=passes,
        levels={level: estimate(of) for level, of in levels.items()},
        level_questions={level: len(of) for level, of in levels.items()},
        unscored=unscored_counts(answers),
        truncated=sum(answer.rollout.truncated for answer in answers) / len(answers),
        response_tokens=sum(len(answer.rollout.response_ids) for answer in answers) / len(answers),
        seconds=seconds,
    )


def run_evaluation(
    collect: Callable[[], Sequence[Group]],
    retries: Callable[[], dict[str, int]],
    *,
    step: int,
    steps: int,
    samples: int,
) -> EvaluationReport | None:
    """Evaluates once.

    Args:
        collect: Samples and scores the answers.
        retries: Counts what was sent again since the start, by service.
        step: Steps done.
        steps: Of the run.
        samples: k.
    """
    begin = time.perf_counter()
    before = retries()
    groups = collect()
    moment: Literal["before", "during", "after"] = "before" if step == 0 else "after" if step == steps else "during"
    seconds = time.perf_counter() - begin
    report = evaluation_report(groups, step=step, moment=moment, samples=samples, seconds=seconds)
    again = {name: count - before[name] for name, count in retries().items()}
    return None if report is None else replace(report, retries=again)


def _powers(samples: int) -> list[int]:
    """1, 2, 4, ... and the number of samples itself."""
    powers = [1 << bit for bit in range(samples.bit_length()) if 1 << bit <= samples]
    return powers if powers[-1] == samples else [*powers, samples]
