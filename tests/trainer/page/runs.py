"""Folders of runs, written by the trainer's own log from numbers that a test chooses."""

import json
from pathlib import Path
from typing import Any

from trainer.report.metrics import MetricsLog
from trainer.report.reports import (
    BatchReport,
    Estimate,
    EvaluationReport,
    LevelReport,
    QuestionReport,
    SampleReport,
    SampleStep,
    StepReport,
)

HOSTILE = '</pre><script>alert(1)</script><img src=x onerror=alert(2)> & "quotes" \'\x00\u202e\ud800 ]]> --> \x1b[31m'


def batch(reward: float, **changes: Any) -> BatchReport:
    """A batch of two questions, the first of which is drawn again."""
    reason = "value 0.5 is number 1 of 1 above 0"
    content: dict[str, Any] = {
        "rollouts": 8, "scored": 7, "unscored": {"FAILURE_INTERNAL": 1}, "reward": reward, "accuracy": reward,
        "levels": {"1": LevelReport(reward, 4), "10": LevelReport(reward / 2, 3)},
        "confidence_correct": 0.8, "confidence_incorrect": 0.4, "positive_advantage": 0.9, "negative_advantage": -0.7,
        "outcome_term": 0.5, "step_term": 0.1, "critic_missing": {"CRITIC_FAILURE_TOO_LONG": 2},
        "groups_without_update": 0, "truncated": 0.0, "response_tokens": 5.0, "update": None,
        "questions": [
            QuestionReport("q1", "1", 0.5, 0.5, 0.5, 2, 4, 0, 0.5, 4, reason),
            QuestionReport("q2", "10", 0.9, 1.0, 0.0, 0, 3, 1, 0.0, 0, "value 0: all responses are wrong"),
        ],
    }  # fmt: skip
    return BatchReport(**content | changes)


def sample(text: str = "a\nb\n", **changes: Any) -> SampleReport:
    """A response of two steps."""
    middle = text.find("\n") + 1
    steps = [SampleStep(0, middle, 0.25, -0.25), SampleStep(middle, len(text), 1.0, 0.75)]
    content: dict[str, Any] = {
        "id": "q1", "level": "1", "prompt": "p?", "response": text, "cut": 0, "correct": True, "reward": 1.0,
        "confidence": 0.8, "prompt_value": 0.5, "steps": steps, "no_steps": "",
    }  # fmt: skip
    return SampleReport(**content | changes)


def evaluation(step: int, value: float) -> EvaluationReport:
    """An evaluation with an interval of a tenth to each side."""
    estimate = Estimate(value, value - 0.1, value + 0.1)
    moment: Any = "before" if step == 0 else "after"
    levels, questions = {"1": estimate, "10": estimate}, {"1": 5, "10": 5}
    return EvaluationReport(step, moment, 2, 10, estimate, {1: estimate}, levels, questions, {}, 0.0, 5.0, 1.5)


def write_run(
    folder: Path, *, seed: int = 0, steps: int = 4, before: float = 0.3, after: float = 0.7, **settings: Any
) -> Path:
    """A finished run whose reward rises by a tenth each step.

    Args:
        folder: Of the run.
        seed: In its settings.
        steps: In its metrics.
        before: Held-out accuracy before.
        after: And after the training.
        settings: More of them.
    """
    folder.mkdir(parents=True)
    content = {"output_dir": str(folder), "seed": seed, "steps": steps, "tasks": {"file": "tasks.jsonl"}, **settings}
    (folder / "settings.json").write_text(json.dumps(content))
    log = MetricsLog(folder, step=0, evaluated=-1)
    log.on_evaluation(evaluation(0, before))
    for step in range(1, steps + 1):
        timings = {"generation": 1.0, "update": 2.0, "idle": 0.5, "total": 3.5}
        first = batch(min(0.1 * step, 1.0), samples=[sample()] if step == 1 else [])
        log.on_step(StepReport(step, steps, 1e-3, first, batch(0.6), "", timings, {"scorer": 3, "critic": 0}))
    log.on_evaluation(evaluation(steps, after))
    log.on_event("scorer back after 1.0 s")
    log.close()
    return folder
