"""Draws report.png: the curves of a demo run, and held-out accuracy before and after."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot, ticker

from codaserve.files import write_atomically
from trainer.demo.results import OVERALL, Results
from trainer.report.smoothing import smooth

RIGHT, WRONG, BEFORE, AFTER = "#2a7f62", "#c1443c", "#a9b4c2", "#2f6db5"


def draw(results: Results, path: Path) -> None:
    """Writes the picture, atomically."""
    with pyplot.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, axes = pyplot.subplots(2, 2, figsize=(11, 7.4), constrained_layout=True)
        try:
            _rewards(axes[0][0], results)
            _levels(axes[0][1], results)
            _confidence(axes[1][0], results)
            _bars(axes[1][1], results)
            figure.suptitle(_title(results), fontsize=11)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=120)
        finally:
            pyplot.close(figure)
    write_atomically(path, buffer.getvalue())


def _title(results: Results) -> str:
    title = f"codaserve demo, seed {results.seed}"
    if results.levels:
        gain = results.levels[0].gain
        title += (
            f": held-out accuracy {results.levels[0].before.value:.1%} to {results.levels[0].after.value:.1%}"
            f" ({100 * gain.value:+.1f} points, 95% interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
        )
    return title


def _curve(axes: Any, results: Results, values: Sequence[float | None], label: str, colour: Any) -> None:
    steps = [point.step for point in results.steps]
    axes.plot(steps, _plain(values), ".", color=colour, alpha=0.35, markersize=4)
    axes.plot(steps, _plain(smooth(values)), color=colour, linewidth=1.8, label=label)


def _plain(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _rewards(axes: Any, results: Results) -> None:
    axes.set_title("Reward of the training batches")
    _curve(axes, results, [point.reward for point in results.steps], "first batch, all levels", AFTER)
    _curve(axes, results, [point.focused_reward for point in results.steps], "focused batch, resampled", "#d98b2b")
    _finish(axes, "mean reward")


def _levels(axes: Any, results: Results) -> None:
    axes.set_title("Accuracy per level, training batches")
    names = sorted({name for point in results.steps for name in point.levels})
    colours = matplotlib.colormaps["viridis"].resampled(max(2, len(names)))
    for index, name in enumerate(names):
        steps = [point.step for point in results.steps]
        values = _plain(smooth([point.levels.get(name) for point in results.steps]))
        axes.plot(steps, values, color=colours(0.95 * index / max(1, len(names) - 1)), linewidth=1.6, label=name)
    _finish(axes, "accuracy, smoothed", columns=4)


def _confidence(axes: Any, results: Results) -> None:
    axes.set_title("Confidence, exp(mean log p) of the responses")
    _curve(axes, results, [point.confidence_right for point in results.steps], "right answers", RIGHT)
    _curve(axes, results, [point.confidence_wrong for point in results.steps], "wrong answers", WRONG)
    _finish(axes, "confidence", bounded=False)


def _finish(axes: Any, label: str, *, columns: int = 1, bounded: bool = True) -> None:
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.set_ylabel(label)
    axes.grid(alpha=0.25)
    if bounded:
        axes.set_ylim(-0.02, 1.02)
    if axes.lines:
        axes.legend(loc="lower right" if bounded else "best", ncols=columns, frameon=True, framealpha=0.85, fontsize=8)


def _bars(axes: Any, results: Results) -> None:
    axes.set_title("Held-out accuracy, with 95% intervals")
    for shift, colour, name in ((-0.2, BEFORE, "before"), (0.2, AFTER, "after")):
        for index, row in enumerate(results.levels):
            estimate = getattr(row, name)
            error = [[max(0.0, estimate.value - estimate.low)], [max(0.0, estimate.high - estimate.value)]]
            axes.bar(
                index + shift, estimate.value, 0.38, color=colour, yerr=error, capsize=3, ecolor="#333333",
                error_kw={"elinewidth": 1}, label=name if index == 0 else None,
            )  # fmt: skip
    names = [row.level if row.level in (OVERALL, "code") else f"level {row.level}" for row in results.levels]
    axes.set_xticks(range(len(names)), names)
    axes.set_ylim(0, 1.12)
    axes.set_ylabel("accuracy")
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
    if results.levels:
        axes.legend(loc="upper right", ncols=2, frameon=True, framealpha=0.85, fontsize=8)
