"""Accuracy by difficulty level: over the steps, and on the held-out questions before and after."""

from collections.abc import Sequence

from trainer.page.axes import WIDTH
from trainer.page.groups import RunGroup, held_out
from trainer.page.interval import Interval, difference, mean_interval
from trainer.page.lines import at, line_plot, step_line
from trainer.page.read import mapping, number
from trainer.page.text import escape, percent, table
from trainer.report.levels import by_level

MOST = 12
"""Levels that a plot shows."""
ROW, TOP = 26, 22
LEFT, RIGHT = 90, 16


def level_curves(group: RunGroup) -> str:
    """Hierarchical convergence: a line for each level."""
    names = {level for run in group.runs for record in run.steps for level in mapping(record, "batch", "levels")}
    ordered = list(by_level(dict.fromkeys(names, 0)))
    lines = [
        step_line(group, f"level {level}", at("batch", "levels", level, "accuracy"), place)
        for place, level in enumerate(ordered[:MOST])
    ]
    for line in lines:  # a dozen bands and clouds of dots would hide each other
        line.dots = []
        line.points = [(step, Interval(point.value)) for step, point in line.points]
    note = "Accuracy of the training batches by level, smoothed. Easy levels should rise first, hard ones after them."
    more = f" The first {MOST} of {len(ordered)} levels." if len(ordered) > MOST else ""
    return line_plot(f"Levels: {group.label}", note + more, lines)


def level_changes(group: RunGroup) -> str:
    """Held-out accuracy of each level before and after, as a picture with its table; empty without two of them."""
    rows = _changes(group)
    if not rows:
        return ""
    title = f"Held-out accuracy before and after: {group.label}"
    several = f"mean and t interval over {len(group.runs)} seeds" if len(group.runs) > 1 else "interval over questions"
    body = table(
        f"{title}, in percent",
        ["level", "questions", "before", "after", "gain"],
        [
            [escape(name), questions, percent(before), percent(after), percent(gain, signed=True)]
            for name, questions, before, after, gain in rows
        ],
        hidden_caption=True,
    )
    return (
        f'<figure><h3>{escape(title)}</h3><p class="note">Hollow: first evaluation. Full: last one. Bars: 95%, '
        f"{several}.</p>{_picture(title, rows)}<details><summary>Numbers</summary>{body}</details></figure>\n"
    )


Row = tuple[str, str, Interval, Interval, Interval]


def _changes(group: RunGroup) -> list[Row]:
    pairs = [(run.evaluations[0], run.evaluations[-1]) for run in group.runs if len(run.evaluations) > 1]
    names = by_level(dict.fromkeys({level for first, _ in pairs for level in mapping(first, "levels")}, 0))
    rows = []
    for name in [None, *list(names)[:MOST]]:
        path = ("mean_at_k",) if name is None else ("levels", name)
        found = [(held_out(first, *path), held_out(last, *path)) for first, last in pairs]
        both = [(before, after) for before, after in found if before is not None and after is not None]
        if both:
            count = number(pairs[0][0], *(("questions",) if name is None else ("level_questions", name)))
            rows.append(_row("all" if name is None else name, "–" if count is None else f"{count:.0f}", both))
    return rows


def _row(name: str, questions: str, both: Sequence[tuple[Interval, Interval]]) -> Row:
    if len(both) == 1:
        before, after = both[0]
        return name, questions, before, after, difference(before, after)
    before, after = (mean_interval([pair[place].value for pair in both]) for place in (0, 1))
    return name, questions, before, after, mean_interval([b.value - a.value for a, b in both])


def _picture(title: str, rows: Sequence[Row]) -> str:
    height = TOP + ROW * len(rows) + 8

    def x(value: float) -> float:
        return LEFT + min(max(value, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<path class="grid" d="M{x(tick):.1f} {TOP - 6}V{height - 8}"/>'
        f'<text x="{x(tick):.1f}" y="{TOP - 10}" text-anchor="middle">{100 * tick:.0f}%</text>'
        for tick in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    for place, (name, _, before, after, gain) in enumerate(rows):
        y = TOP + ROW * (place + 0.5)
        kind = {"up": "good", "down": "bad", "open": "unclear"}[gain.verdict]
        label = name if name == "all" or not name.isdecimal() else f"level {name}"
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(label[:14])}</text>')
        parts.append(f'<path class="link {kind}" d="M{x(before.value):.1f} {y:.1f}H{x(after.value):.1f}"/>')
        for point, shift in ((before, -4), (after, 4)):
            if point.low is not None and point.high is not None:
                path = f"M{x(point.low):.1f} {y + shift:.1f}H{x(point.high):.1f}"
                parts.append(f'<path class="whisker {kind}" d="{path}"/>')
        parts.append(f'<circle class="hollow {kind}" cx="{x(before.value):.1f}" cy="{y:.1f}" r="4.5"/>')
        text = f"{name}: {percent(before)} to {percent(after)}, {percent(gain, signed=True)}"
        parts.append(
            f'<circle class="mark {kind}" cx="{x(after.value):.1f}" cy="{y:.1f}" r="4.5"><title>{escape(text)}</title></circle>'  # noqa: E501
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f'<g class="marks">{"".join(parts)}</g></svg>'
    )
