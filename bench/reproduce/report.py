"""The tables and plots of a comparison."""

import math
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.math.table import table
from bench.reproduce.results import Curve, Interval, at
from bench.reproduce.variants import GROUP, GRPO, QUESTIONS, rollouts
from codaserve.files import write_atomically

POINTS = 9
"""Of the curves in the plot."""

NOTES = f"""Every training begins with the same policy, has {rollouts()} rollouts in groups of {GROUP} (batches of
{QUESTIONS} questions; a focused batch counts as a batch), as many updates, the same learning rate and schedule, and
questions in the seed's order. Accuracy is the mean correctness of two responses to each held-out question, the same for
all. ± is the 95% interval over seeds (Student's t). Differences are paired by seed. *Rollouts to GRPO's end* is the
share of its rollouts after which a training, between evaluations in proportion, first had the accuracy that GRPO of the
same seed had at its end; over 1 stands for never. The critic's own data (completions of the first policy, made once for
a family) are not counted among the rollouts. lambda was chosen by the final accuracy with other seeds."""


def report(
    found: Mapping[str, Mapping[str, Sequence[Curve]]],
    sweeps: Mapping[str, Mapping[float, Sequence[Curve]]],
    output: Path,
    command: str,
) -> None:
    """Writes the report and, beside it, a plot for each family.

    Args:
        found: Curves by family and variant, one for each seed.
        sweeps: Curves by family and lambda.
        output: A Markdown file.
        command: That made it.
    """
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    parts = ["# Do the methods help?", f"Made by `{command}` on {machine}.", NOTES]
    for name, variants in found.items():
        plot = output.with_name(f"{output.stem}_{name}.svg")
        _draw(variants, plot, name)
        tried = [[f"{one:g}", Interval.of([curve.final for curve in curves])] for one, curves in sweeps[name].items()]
        parts += [
            f"## {name.capitalize()}",
            table(["", "before", "after", "after, less GRPO's", "rollouts to GRPO's end"], _rows(variants)),
            f"![Held-out accuracy by rollouts]({plot.name})",
            "lambda, with other seeds:",
            table(["lambda", "after"], tried),
        ]
    write_atomically(output, "\n\n".join(parts))


def _rows(variants: Mapping[str, Sequence[Curve]]) -> list[list[object]]:
    base = variants[GRPO.name]
    rows: list[list[object]] = []
    for name, curves in variants.items():
        pairs = list(zip(curves, base, strict=True))
        shares = [min(curve.reached(grpo.final) / grpo.rollouts[-1], math.inf) for curve, grpo in pairs]
        capped = [share if share <= 1 else math.inf for share in shares]
        never = sum(math.isinf(share) for share in capped)
        middle = statistics.median(capped)
        reached = "over 1" if math.isinf(middle) else f"{middle:.2f}"
        rows.append(
            [
                name,
                Interval.of([curve.accuracy[0] for curve in curves]),
                Interval.of([curve.final for curve in curves]),
                "" if curves is base else Interval.of([curve.final - grpo.final for curve, grpo in pairs]),
                "" if curves is base else f"{reached} (median; {never} of {len(capped)} never)",
            ]
        )
    return rows


def _draw(variants: Mapping[str, Sequence[Curve]], path: Path, name: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    end = min(curve.rollouts[-1] for curves in variants.values() for curve in curves)
    places = [end * point / (POINTS - 1) for point in range(POINTS)]
    for variant, curves in variants.items():
        intervals = [Interval.of([at(curve, place) for curve in curves]) for place in places]
        means = [100 * one.mean for one in intervals]
        axes.plot(places, means, label=variant)
        low = [100 * (one.mean - one.half) for one in intervals]
        high = [100 * (one.mean + one.half) for one in intervals]
        axes.fill_between(places, low, high, alpha=0.12)
    axes.set(xlabel="rollouts", ylabel="held-out accuracy, %", title=name.capitalize())
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
