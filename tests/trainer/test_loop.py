"""Whole runs of a tiny policy against a scorer and a critic that are rules."""

import json
from pathlib import Path
from typing import Any

from trainer.loop import train


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_reports_every_step_and_evaluates_before_and_after(configure: Any, recorder: Any) -> None:
    settings = configure()
    report = train(settings, observers=[recorder])
    assert [step.step for step in recorder.steps] == [1, 2, 3]
    assert [evaluation.moment for evaluation in recorder.evaluations] == ["before", "after"]
    assert report.last_step == recorder.steps[-1]
    assert report.evaluations == recorder.evaluations
    for step in recorder.steps:
        assert step.batch.rollouts == step.batch.scored == 16
        assert step.batch.update is not None
        assert step.batch.update.gradient_norm > 0
        assert step.batch.update.mismatch < 1e-4
        assert set(step.timings) == {"generation", "scoring", "critic", "update", "other", "total"}
