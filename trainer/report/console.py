"""Progress on the terminal: a bar where there is one, and a line for each step and evaluation."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trainer.report.reports import BatchReport, Estimate, EvaluationReport, StepReport


class ConsoleReport:
    """Prints what a person wants to follow. Use as a context manager, so that the bar is taken away at the end."""

    def __init__(self, console: Console, steps: int) -> None:
        """For a run of so many steps."""
        self._console = console
        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("training", total=steps)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def on_step(self, report: StepReport) -> None:
        """One line, and one more for the focused batch."""
        self._progress.update(self._task, completed=report.step)
        chosen = [f"{q.id} x{q.resampled}" for q in report.questions if q.resampled]
        self._print(f"step {report.step}/{report.steps}: {_batch(report.batch)}, {report.timings['total']:.1f} s")
        if report.focused is not None:
            self._print(f"  focused on {', '.join(chosen)}: {_batch(report.focused)}")

    def on_evaluation(self, report: EvaluationReport) -> None:
        """The mean, pass@k and the levels."""
        passes = ", ".join(f"pass@{k} {_estimate(value)}" for k, value in report.pass_at_k.items() if k > 1)
        self._print(
            f"{report.moment} training, step {report.step}, {report.questions} held-out questions: "
            f"mean@{report.samples} {_estimate(report.mean_at_k)}" + (f", {passes}" if passes else "")
        )
        for level, value in report.levels.items():
            self._print(f"  level {level}: {_estimate(value)} of {report.level_questions[level]}")
        if report.unscored:
            self._print(f"  without a verdict: {_counts(report.unscored)}")

    def on_event(self, text: str) -> None:
        """As it is."""
        self._print(text)

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def _batch(batch: BatchReport) -> str:
    levels = " ".join(f"{level}:{entry.accuracy:.2f}" for level, entry in batch.levels.items())
    parts = [
        f"reward {_number(batch.reward)}",
        f"accuracy {_number(batch.accuracy)}" + (f" ({levels})" if levels else ""),
        f"confidence right {_number(batch.confidence_correct)} wrong {_number(batch.confidence_incorrect)}",
    ]
    if batch.unscored:
        parts.append(f"unscored {sum(batch.unscored.values())}")
    return ", ".join(parts)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{code} {count}" for code, count in sorted(counts.items()))
