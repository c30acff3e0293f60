"""Line plots over the steps of runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trainer.page.axes import Axes, svg
from trainer.page.groups import RunGroup
from trainer.page.interval import Interval, mean_interval
from trainer.page.read import Record, number
from trainer.page.text import escape, figure, table
from trainer.report.smoothing import smooth

POINTS = 160
"""Of a line: more are not seen."""
ROWS = 9
"""Of the table of a plot."""
COLOURS = 8
"""Lines that have a colour of their own."""


@dataclass
class Line:
    """One line of a plot."""

    name: str
    points: list[tuple[float, Interval]]
    colour: int
    dashed: bool = False
    dots: list[tuple[float, float]] = field(default_factory=list)
    """Single numbers behind a smoothed line."""

    @property
    def tag(self) -> str:
        """A few letters for the line's end, so that lines are told apart without their colours."""
        letters, colon, _ = self.name.partition(": ")
        return letters[:4] if colon else self.name.removeprefix("level ")[:4] if self.name.startswith("level ") else ""

    @property
    def kind(self) -> str:
        """Classes of the style sheet."""
        shade = f"c{self.colour}" if self.colour < COLOURS else "other"
        return f"{shade} dashed" if self.dashed else shade


def at(*path: str) -> Callable[[Record], float | None]:
    """Takes a number out of a record, by the names that lead to it."""
    return lambda record: number(record, *path)


def step_line(
    group: RunGroup, name: str, pick: Callable[[Record], float | None], colour: int, *, dashed: bool = False
) -> Line:
    """A number of each step, smoothed within each run, then averaged over the runs that have it.

    Args:
        group: The runs.
        name: Of the line.
        pick: Takes the number from a step's record.
        colour: Of the line.
        dashed: Whether the line is dashed.
    """
    at_step: dict[float, list[float]] = {}
    dots: list[tuple[float, float]] = []
    for run in group.runs:
        raw = [(float(record["step"]), pick(record)) for record in run.steps]
        for (step, _), value in zip(raw, smooth([value for _, value in raw]), strict=True):
            if value is not None:
                at_step.setdefault(step, []).append(value)
        if len(group.runs) == 1:
            dots = thinned([(step, value) for step, value in raw if value is not None])
    points = [(step, mean_interval(values)) for step, values in sorted(at_step.items())]
    return Line(name, thinned(points), colour, dashed, dots)


def evaluation_line(group: RunGroup, name: str, pick: Callable[[Record], Interval | None], colour: int) -> Line:
    """A number of each evaluation. Of a single run with its own interval, of several with that over seeds."""
    at_step: dict[float, list[Interval]] = {}
    for run in group.runs:
        for record in run.evaluations:
            if (found := pick(record)) is not None:
                at_step.setdefault(float(record["step"]), []).append(found)
    points = [
        (step, found[0] if len(group.runs) == 1 else mean_interval([interval.value for interval in found]))
        for step, found in sorted(at_step.items())
    ]
    return Line(name, thinned(points), colour)


def line_plot(title: str, note: str, lines: Sequence[Line], *, bounded: bool = True, marked: bool = False) -> str:
    """A plot with its legend and its numbers.

    Args:
        title: Above the plot.
        note: Under it, what is shown.
        lines: At least one has to have points, else there is only a note of that.
        bounded: Whether y goes from 0 to 1; else as far as the numbers go.
        marked: Whether each point is marked, as where there are few.
    """
    lines = [line for line in lines if line.points]
    head = f'<figure><h3>{escape(title)}</h3><p class="note">{escape(note)}</p>'
    if not lines:
        return f'{head}<p class="none">nothing recorded</p></figure>\n'
    axes = _axes(lines, bounded=bounded)
    ends = ", ".join(f"{line.name}: from {_value(line, 0)} to {_value(line, -1)}" for line in lines[:COLOURS])
    marks = "".join(_marks(axes, line, marked=marked) for line in lines) + _tags(axes, lines)
    picture = svg(axes, f"{title}. {ends}", marks)
    legend = "".join(_legend(line) for line in lines[: 2 * COLOURS])
    return f'{head}{picture}<ul class="legend">{legend}</ul>{_numbers(title, lines)}</figure>\n'


def thinned(points: list) -> list:  # type: ignore[type-arg]
    """Every so many-th, and the last."""
    if len(points) <= POINTS:
        return points
    return [points[round(index * (len(points) - 1) / (POINTS - 1))] for index in range(POINTS)]


def _axes(lines: Sequence[Line], *, bounded: bool) -> Axes:
    steps = [step for line in lines for step, _ in line.points]
    if bounded:
        return Axes(min(steps), max(steps), 0.0, 1.0)
    values = [
        value for line in lines for _, p in line.points for value in (p.value, p.low, p.high) if value is not None
    ]
    values += [value for line in lines for _, value in line.dots]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 0.1
    return Axes(min(steps), max(steps), low - margin, high + margin)


def _marks(axes: Axes, line: Line, *, marked: bool) -> str:
    parts = []
    band = [(step, p.low, p.high) for step, p in line.points if p.low is not None and p.high is not None]
    if len(band) > 1 and not marked:
        upper = [f"{axes.x(step):.1f} {axes.y(high):.1f}" for step, _, high in band]
        lower = [f"{axes.x(step):.1f} {axes.y(low):.1f}" for step, low, _ in reversed(band)]
        parts.append(f'<path class="band {line.kind}" d="M{"L".join(upper + lower)}Z"/>')
    parts += [
        f'<circle class="dot {line.kind}" cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="1.8"/>' for x, y in line.dots
    ]
    path = "L".join(f"{axes.x(step):.1f} {axes.y(p.value):.1f}" for step, p in line.points)
    parts.append(f'<path class="line {line.kind}" d="M{path}"><title>{escape(line.name)}</title></path>')
    if marked or len(line.points) == 1:
        parts += [_mark(axes, line, step, point) for step, point in line.points]
    return "".join(parts)


def _tags(axes: Axes, lines: Sequence[Line]) -> str:
    """The letters at the ends of lines, no two over each other; none where there are too many."""
    ends = [(axes.y(line.points[-1][1].value), axes.x(line.points[-1][0]), line.tag) for line in lines if line.tag]
    parts, free = [], 0.0
    for wanted, x, tag in sorted(ends) if len(ends) <= 2 * COLOURS else []:
        y = max(wanted, free)
        free = y + 11
        parts.append(f'<text x="{x + 6:.1f}" y="{y + 4:.1f}">{escape(tag)}</text>')
    return "".join(parts)


def _mark(axes: Axes, line: Line, step: float, point: Interval) -> str:
    x, y = axes.x(step), axes.y(point.value)
    whisker = ""
    if point.low is not None and point.high is not None:
        whisker = f'<path class="whisker {line.kind}" d="M{x:.1f} {axes.y(point.low):.1f}V{axes.y(point.high):.1f}"/>'
    title = f"{line.name}, step {step:.0f}: {_cell(point)}"
    return f'{whisker}<circle class="mark {line.kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"><title>{escape(title)}</title></circle>'  # noqa: E501


def _legend(line: Line) -> str:
    swatch = f'<svg viewBox="0 0 28 8" aria-hidden="true"><path class="line {line.kind}" d="M1 4H27"/></svg>'
    return f"<li>{swatch}{escape(line.name)}</li>"


def _numbers(title: str, lines: Sequence[Line]) -> str:
    steps = sorted({step for line in lines for step, _ in line.points})
    chosen = steps if len(steps) <= ROWS else [steps[round(i * (len(steps) - 1) / (ROWS - 1))] for i in range(ROWS)]
    known = [dict(line.points) for line in lines]
    rows = [[f"{step:.0f}", *(_cell(points[step]) if step in points else "–" for points in known)] for step in chosen]
    head = ["step", *(escape(line.name) for line in lines)]
    shown = table(f"{title}, in numbers", head, rows, hidden_caption=True)
    return f"<details><summary>Numbers</summary>{shown}</details>"


def _cell(point: Interval) -> str:
    spread = "" if point.low is None or point.high is None else f" [{point.low:.3f}, {point.high:.3f}]"
    return figure(point.value) + spread


def _value(line: Line, place: int) -> str:
    return figure(line.points[place][1].value)
