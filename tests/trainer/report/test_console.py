"""What a person sees."""

from io import StringIO
from typing import Any

from rich.console import Console

from trainer.loop import train
from trainer.report.console import ConsoleReport


def test_a_run_on_a_terminal_and_in_a_file(configure: Any, recorder: Any) -> None:
    train(configure(steps=1), observers=[recorder])
    for terminal in (True, False):
        text = StringIO()
        with ConsoleReport(Console(file=text, force_terminal=terminal, width=200), 1) as report:
            report.on_evaluation(recorder.evaluations[0])
            report.on_step(recorder.steps[0])
            report.on_event("scorer back after 1.0 s [not markup]")
        shown = text.getvalue()
        step = recorder.steps[0]
        assert f"reward {step.reward:.3f}" in shown
        assert f"confidence right {step.batch.confidence_correct:.3f} wrong" in shown
        chosen = next(question for question in step.questions if question.resampled)
        assert f"focused on {chosen.id} x4" in shown
        assert "level 2: 0." in shown
        assert "scorer back after 1.0 s [not markup]" in shown
        assert ("training" in shown and "1/1" in shown) or not terminal
