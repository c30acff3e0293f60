"""The map of questions: difficulty against confidence, with those that were drawn again."""

import math
from collections.abc import Sequence

from trainer.page.axes import Axes, svg
from trainer.page.read import MOMENTS, Record, Run, number
from trainer.page.text import escape, figure, table

VALUES = (0.2, 0.4, 0.6, 0.8)
"""Of the contours."""
SHOWN = 15
"""Questions of the table."""


def question_map(run: Run) -> str:
    """A map for each part of a run, and the questions of highest value that were drawn again."""
    parts = [(place, records) for place, records in enumerate(run.questions) if records]
    if not parts:
        return '<p class="none">no questions recorded</p>\n'
    lowest = min([spot[1] for _, records in parts for record in records if (spot := _places(record))], default=0.0)
    low = math.floor(10 * max(lowest - 0.02, 0.0)) / 10  # the same for all, so that they can be compared
    maps = "".join(_map(run, place, records, low) for place, records in parts)
    return f'<div class="plots maps">{maps}</div>\n{_legend()}{_chosen(run)}'


def _legend() -> str:
    circle = '<svg viewBox="0 0 12 12" aria-hidden="true"><circle class="dot c0" cx="6" cy="6" r="3"/></svg>'
    diamond = '<svg viewBox="0 0 12 12" aria-hidden="true"><path class="chosen" d="M6 1L11 6L6 11L1 6Z"/></svg>'
    line = '<svg viewBox="0 0 28 8" aria-hidden="true"><path class="contour" d="M1 4H27"/></svg>'
    return (
        f'<ul class="legend"><li>{circle}a question of a batch</li><li>{diamond}drawn again in the focused batch</li>'
        f"<li>{line}equal value v = c (1 - 4 (d - 1/2)²), from 0.2 to 0.8</li></ul>\n"
    )


def _map(run: Run, place: int, records: Sequence[Record], low: float) -> str:
    axes = Axes(0.0, 1.0, low, 1.0, x_label="difficulty d", whole=False)
    known = [record for record in records if _places(record) is not None]
    chosen = [record for record in known if number(record, "resampled")]
    others = [record for record in known if not number(record, "resampled")]
    marks = [_contours(axes), *(_circle(axes, record) for record in others), *(_diamond(axes, r) for r in chosen)]
    first, last = (int(bound) for bound in _bounds(run, place))
    title = f"Steps {first} to {last}" if first < last else f"Step {first}"
    name = f"Difficulty and confidence, {title.lower()}: {len(known)} questions, {len(chosen)} of them drawn again"
    unknown = f", {len(records) - len(known)} more without enough verdicts" if len(known) < len(records) else ""
    note = f"{len(known)} questions, {len(chosen)} drawn again{unknown}. Up: confidence c."
    return f'<figure><h4>{title}</h4><p class="note">{note}</p>{svg(axes, name, "".join(marks))}</figure>'


def _bounds(run: Run, place: int) -> tuple[int, int]:
    """The steps of a part: those s with floor((s - 1) parts / steps) = place."""
    last = max(run.done, 1)
    return -(-place * last // MOMENTS) + 1, -(-(place + 1) * last // MOMENTS)


def _places(record: Record) -> tuple[float, float] | None:
    difficulty, confidence = number(record, "difficulty"), number(record, "confidence")
    return None if difficulty is None or confidence is None else (difficulty, confidence)


def _circle(axes: Axes, record: Record) -> str:
    difficulty, confidence = _places(record) or (0.0, 0.0)
    at = f'cx="{axes.x(difficulty):.1f}" cy="{axes.y(confidence):.1f}"'
    return f'<circle class="dot c0" {at} r="3"><title>{_title(record)}</title></circle>'


def _diamond(axes: Axes, record: Record) -> str:
    difficulty, confidence = _places(record) or (0.0, 0.0)
    x, y = axes.x(difficulty), axes.y(confidence)
    path = f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z"
    return f'<path class="chosen" d="{path}"><title>{_title(record)}</title></path>'


def _title(record: Record) -> str:
    level = f", level {record['level']}" if record.get("level") is not None else ""
    numbers = ", ".join(f"{name[0]} {figure(number(record, name))}" for name in ("confidence", "difficulty", "value"))
    return escape(f"{record.get('id')}{level}, step {record['step']}: {numbers}; {record.get('reason')}")


def _contours(axes: Axes) -> str:
    paths = []
    for value in VALUES:
        path, drawn = "", False
        for index in range(1, 100):
            difficulty = index / 100
            confidence = value / (1 - 4 * (difficulty - 0.5) ** 2)
            inside = axes.low <= confidence <= 1
            if inside:
                path += f"{'L' if drawn else 'M'}{axes.x(difficulty):.1f} {axes.y(confidence):.1f}"
            drawn = inside
        paths.append(f'<path class="contour" d="{path}"/>' if path else "")
    return "".join(paths)


def _chosen(run: Run) -> str:
    """Newest first: what the last steps drew again, and why."""
    records = [record for part in run.questions for record in part if number(record, "resampled")]
    records.sort(key=lambda record: (-record["step"], -(number(record, "value") or 0.0)))
    if not records:
        return '<p class="none">no question was drawn again</p>\n'
    top = number(run.settings, "codapo", "top_k")
    questions = number(run.settings, "rollout", "questions")
    most = top if top is not None else None if questions is None else max(1, questions // 4)
    limit = "" if most is None else f" At most K = {most:.0f} questions of a batch are drawn again."
    rows = [
        [
            escape(str(record.get("id"))[:80]),
            escape(record["step"]),
            escape("–" if record.get("level") is None else str(record["level"])[:40]),
            *(figure(number(record, name)) for name in ("confidence", "difficulty", "value")),
            f"{number(record, 'resampled') or 0:.0f}",
            escape(str(record.get("reason"))[:200]),
        ]
        for record in records[:SHOWN]
    ]
    head = ["question", "step", "level", "confidence", "difficulty", "value", "groups", "why"]
    shown = table("Questions drawn again, the newest first", head, rows)
    return f'<details><summary>Questions drawn again, and why</summary><p class="note">Whoever has the largest value.{limit}</p>{shown}</details>\n'  # noqa: E501
