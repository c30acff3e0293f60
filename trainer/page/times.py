"""Where the time of a run went."""

from collections.abc import Sequence

from trainer.page.axes import Axes, svg
from trainer.page.groups import RunGroup
from trainer.page.lines import COLOURS
from trainer.page.read import Record, Run, mapping, number
from trainer.page.text import escape, figure, table

BARS = 60
"""Of a picture: steps are averaged where there are more."""


def phases(runs: Sequence[Run]) -> list[str]:
    """All phases that the runs know, those that add up to the total."""
    names = dict.fromkeys(name for run in runs for record in run.steps[-1:] for name in mapping(record, "timings"))
    return [name for name in names if name != "total"]


def time_table(groups: Sequence[RunGroup]) -> str:
    """Seconds of a step by phase, the mean over steps and runs, with the share of the step."""
    names = phases([run for group in groups for run in group.runs])
    rows = []
    for group in groups:
        steps = [record for run in group.runs for record in run.steps]
        total = _mean(steps, "total")
        cells = [_cell(_mean(steps, name), total) for name in names]
        rows.append([escape(group.label), figure(total, 2), *cells])
    head = ["runs", "whole step", *(escape(name) for name in names)]
    return table("Seconds of a step by phase, mean over all steps", head, rows)


def _cell(value: float | None, total: float | None) -> str:
    share = f" ({100 * value / total:.0f}%)" if value is not None and total else ""
    return figure(value, 2) + share


def _mean(steps: Sequence[Record], name: str) -> float | None:
    values = [value for record in steps if (value := number(record, "timings", name)) is not None]
    return sum(values) / len(values) if values else None


def time_plot(run: Run) -> str:
    """Seconds of each step, stacked by phase."""
    names = phases([run])
    bars = _bars(run, names)
    title = f"Time per step: {run.name}"
    if not bars:
        return f'<figure><h3>{escape(title)}</h3><p class="none">nothing recorded</p></figure>\n'
    highest = max(sum(heights) for _, _, heights in bars) or 1.0
    axes = Axes(bars[0][0] - 0.5, bars[-1][1] + 0.5, 0.0, 1.05 * highest)
    marks = []
    for first, last, heights in bars:
        left, width = axes.x(first - 0.46), axes.x(last + 0.46) - axes.x(first - 0.46)
        below = 0.0
        for place, height in enumerate(heights):
            top, bottom = axes.y(below + height), axes.y(below)
            below += height
            if bottom - top >= 0.05:
                text = f"{names[place]}, step {first}: {height:.2f} s"
                box = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}"'
                marks.append(f'<rect class="fill {_shade(place)}" {box}><title>{escape(text)}</title></rect>')
    legend = "".join(
        f'<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="fill {_shade(place)}" width="12" height="12"/>'
        f"</svg>{escape(name)}</li>"
        for place, name in enumerate(names)
    )
    note = "Seconds, stacked by phase." + (" Several steps are averaged in each bar." if len(run.steps) > BARS else "")
    return (
        f'<figure><h3>{escape(title)}</h3><p class="note">{note}</p>{svg(axes, title, "".join(marks))}'
        f'<ul class="legend">{legend}</ul></figure>\n'
    )


def _shade(place: int) -> str:
    return f"c{place}" if place < COLOURS else "other"


def _bars(run: Run, names: Sequence[str]) -> list[tuple[int, int, list[float]]]:
    """First and last step, and the mean seconds of each phase."""
    steps = [record for record in run.steps if mapping(record, "timings")]
    each = -(-len(steps) // BARS)
    bars = []
    for begin in range(0, len(steps), each or 1):
        part = steps[begin : begin + each]
        heights = [max(0.0, _mean(part, name) or 0.0) for name in names]
        bars.append((int(part[0]["step"]), int(part[-1]["step"]), heights))
    return bars
