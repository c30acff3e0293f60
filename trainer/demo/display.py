"""Shows the training as it goes: a live panel on a terminal, plain lines elsewhere."""

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from trainer.demo.results import LevelGain, Refresh, Results, StepPoint, step_point
from trainer.report.reports import EvaluationReport, StepReport
from trainer.report.smoothing import smooth

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40
"""Steps that a sparkline shows."""
SHOWN_RESAMPLED = 5
LAST_EVENTS = 3


class Display:
    """An observer of the training that keeps what the results need and shows it."""

    def __init__(self, console: Console, results: Results, steps: int) -> None:
        """Args:
        console: Where to show; the panel needs a terminal.
        results: Takes the steps and events.
        steps: Of the whole run.
        """
        self.evaluations: dict[str, EvaluationReport] = {}
        self._console, self._results, self._steps = console, results, steps
        self._live: Live | None = None
        self._events: deque[str] = deque(maxlen=LAST_EVENTS)

    @contextlib.contextmanager
    def training(self) -> Iterator[None]:
        """The time during which the panel is shown."""
        if not self._console.is_terminal:
            yield
            return
        with Live(self._panel(), console=self._console, refresh_per_second=4) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def on_step(self, report: StepReport) -> None:
        """See Observer."""
        point = step_point(report)
        self._results.steps.append(point)
        if self._live is None:
            self._console.print(step_line(point, self._steps), soft_wrap=True, highlight=False, markup=False)
        else:
            self._live.update(self._panel())

    def on_evaluation(self, report: EvaluationReport) -> None:
        """See Observer."""
        self.evaluations[report.moment] = report
        mean = report.mean_at_k
        self._console.print(
            f"held-out accuracy {report.moment} training: {mean.value:.1%} [{mean.low:.1%}, {mean.high:.1%}] "
            f"({report.questions} questions, {report.samples} responses each, {report.seconds:.0f} s)",
            soft_wrap=True, highlight=False, markup=False,
        )  # fmt: skip

    def on_event(self, text: str) -> None:
        """See Observer."""
        self._results.events.append(text)
        self._events.append(text)
        if self._live is None:
            self._console.print(text, soft_wrap=True, highlight=False, markup=False)
        else:
            self._live.update(self._panel())

    def _panel(self) -> RenderableType:
        points = self._results.steps
        done = points[-1].step if points else 0
        rows: list[RenderableType] = [Padding(ProgressBar(self._steps, done), (0, 0, 1, 0)), self._curves(points)]
        if points:
            rows += [Text("\naccuracy per level, smoothed", style="bold"), _level_table(points)]
            rows += [Text(f"\nresampled in step {done}", style="bold"), _resampled_table(points[-1])]
        rows += [Text(event, style="yellow") for event in self._events]
        title = f"CoDaPO with step credit: step {done} of {self._steps}"
        return Panel(Group(*rows), title=title, border_style="blue")

    def _curves(self, points: Sequence[StepPoint]) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for _ in range(3):
            table.add_column()
        series = (
            ("reward", [point.reward for point in points], "cyan"),
            ("confidence, right", [point.confidence_right for point in points], "green"),
            ("confidence, wrong", [point.confidence_wrong for point in points], "red"),
        )
        for name, values, style in series:
            table.add_row(name, Text(sparkline(values), style=style), _number(smooth(values)[-1] if values else None))
        return table


def sparkline(values: Sequence[float | None]) -> str:
    """One character a step for the last WIDTH steps, scaled from 0 to 1; a dot where there is no value."""
    return "".join(
        "·" if value is None else BARS[min(len(BARS) - 1, max(0, int(value * len(BARS))))] for value in values[-WIDTH:]
    )


def step_line(point: StepPoint, steps: int) -> str:
    """A step in one line."""
    levels = " ".join(f"{name}:{accuracy:.2f}" for name, accuracy in sorted(point.levels.items()))
    chosen = ", ".join(
        f"{question['id']} (level {question['level']}, {question['groups']} groups: {question['reason']})"
        for question in point.resampled[:SHOWN_RESAMPLED]
    )
    unscored = f"  unscored {point.unscored}" if point.unscored else ""
    return (
        f"step {point.step}/{steps}  {point.seconds:.1f} s  reward {_number(point.reward)}  accuracy {levels}  "
        f"confidence right {_number(point.confidence_right)} wrong {_number(point.confidence_wrong)}{unscored}\n"
        f"    resampled {chosen or 'nothing'}"
    )


def refresh_line(refresh: Refresh) -> str:
    """The critic's refresh in one line."""
    return (
        f"critic refreshed in {refresh.seconds:.0f} s: {refresh.states} states of {refresh.solutions} solutions, "
        f"{refresh.completions} completions scored ({refresh.unscored} without verdict); cross-entropy on "
        f"{refresh.held_out_states} held-out states {refresh.bce_before:.3f} before, {refresh.bce_after:.3f} after "
        f"(a constant: {refresh.bce_constant:.3f}); now serving {refresh.checkpoint_after}"
    )


def gain_table(levels: Sequence[LevelGain]) -> Table:
    """Held-out accuracy per level before and after."""
    table = Table(title="Held-out accuracy in percent, with 95% intervals")
    table.add_column("level")
    table.add_column("questions", justify="right")
    for name in ("before", "after", "gain"):
        table.add_column(name, justify="right")
    for index, row in enumerate(levels):
        cells = [
            f"{100 * estimate.value:{sign}.1f} [{100 * estimate.low:{sign}.1f}, {100 * estimate.high:{sign}.1f}]"
            for estimate, sign in ((row.before, ""), (row.after, ""), (row.gain, "+"))
        ]
        table.add_row(row.level, str(row.questions), *cells, end_section=index == 0, style="bold" if index == 0 else "")
    return table


def _level_table(points: Sequence[StepPoint]) -> Table:
    names = sorted({name for point in points for name in point.levels})
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, justify="right")
    table.add_row(*(_number(smooth([point.levels.get(name) for point in points])[-1]) for name in names))
    return table


def _resampled_table(point: StepPoint) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("question", "level", "confidence", "difficulty", "value", "groups", "why"):
        table.add_column(name)
    for question in point.resampled[:SHOWN_RESAMPLED]:
        numbers = [_number(question[name]) for name in ("confidence", "difficulty", "value")]
        table.add_row(
            question["id"], str(question["level"]), *numbers, str(question["groups"]), Text(question["reason"])
        )
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
