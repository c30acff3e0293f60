"""The tables and plots of a comparison."""

import math
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.math.table import table
from bench.reproduce.families import Family
from bench.reproduce.results import Curve, Outcome
from bench.reproduce.seeds import Interval, is_offline, mean_curve, paired_p, reached, rising
from bench.reproduce.variants import COMPLETIONS, GROUP, GRPO, KEEP, QUESTIONS, SOLUTIONS
from codaserve.files import write_atomically

NOTES = f"""Online trainings have groups of {GROUP} in batches of {QUESTIONS} questions (a focused batch counts as a
batch), as many updates, the same schedule, and a learning rate chosen with other seeds: that at which GRPO did best,
and for those with a focused batch that at which *+ sampling* did; with the same seed they have the same questions in
the same order, and the same chance in sampling.
DAPO collects its rollouts before it trains: {SOLUTIONS} solutions of each question, and {COMPLETIONS} completions
from each state of {KEEP} of these. A solution counts, kept or not, and a completion counts as an answer does, though
it is shorter; as the number of states is not known before, their count is the budget within a few percent, divided
among the iterations. The critic that *+ steps* asks and that DAPO goes on training began with a base that was taught
to check lines on worked solutions, and was trained on answers of the first policy that are not in the budget: their
number is given beside it. Answers to held-out questions are never counted.

*After* is the accuracy of the trained policy, the mean correctness of its answers to held-out questions, the same
questions for all, in percent. ± is the 95% interval over seeds (Student's t). Differences are paired by seed, p is
that of a paired t-test. *Rollouts to GRPO's end* is the share of the budget after which the mean curve over seeds
reached the accuracy that the mean curve of GRPO ended with; curves are made never to fall before (pool adjacent
violators), and in brackets is how far it goes when one seed is left out. DAPO has no curve but its ends. *Processor*
is the time of a training and of its judging, services included."""

TRIED = {
    "rate": "Learning rate of GRPO",
    "sampling-rate": "Learning rate of + sampling",
    "lambda": "lambda of + steps",
    "beta": "beta of DAPO, 1 iteration",
}


@dataclass
class Found:
    """One family's outcomes.

    Attributes:
        before: Accuracy of the policy that all begin with.
        variants: By name, one outcome for each seed.
        sweeps: By what was tried and its value, one for each of the other seeds.
        critic: Answers that the critic was trained on, for all seeds.
        rate: Learning rate of the online variants without a focused batch.
        focused_rate: Of those with one.
    """

    before: float = 0.0
    variants: dict[str, list[Outcome]] = field(default_factory=dict)
    sweeps: dict[str, dict[float, list[Outcome]]] = field(default_factory=dict)
    critic: int = 0
    rate: float = 0.0
    focused_rate: float = 0.0


def report(
    family: Family, found: Found, folder: Path, command: str, questions: int | None = None, *, partial: bool
) -> Path:
    """Writes a family's report and, beside it, its plot.

    Args:
        family: Which one.
        found: Its outcomes.
        folder: Where to.
        command: That made it.
        questions: Those that each training asks again and again; None if each is a new one.
        partial: Whether this is not all that the whole bench has.

    Returns:
        The report, a Markdown file.
    """
    again = "" if questions is None else f"_{questions}_questions"
    output = folder / f"reproduce_{family.name}{again}.md"
    plot = output.with_suffix(".svg")
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    parts = [f"# Do the methods help? {family.name.capitalize()}", f"Made by `{command}` on {machine}."]
    if partial:
        parts.append("**Not the whole of it**: `python -m bench.reproduce` has more variants or seeds.")
    draw({one: [outcome.curve for outcome in of] for one, of in found.variants.items()}, plot, family.name)
    budget = f"Every training begins with the same policy and has {family.budget.rollouts} rollouts."
    if questions is not None:
        budget += f" Its seed's {questions} questions are asked again and again."
    parts += [budget, NOTES, "## Results", *section(found), f"![Held-out accuracy by rollouts]({plot.name})"]
    for tried, values in found.sweeps.items():
        rows = [[f"{value:g}", _mean(outcomes), _each(outcomes)] for value, outcomes in values.items()]
        parts += [f"{TRIED[tried]}, with other seeds:", table(["", "after", "seed by seed"], rows)]
    write_atomically(output, "\n\n".join(parts))
    return output


def section(family: Found) -> list[str]:
    """The tables of a family, GRPO among its variants."""
    base = family.variants[GRPO.name]
    head = ["", "after", "less GRPO's", "p", "rollouts to GRPO's end", "rollouts", "processor"]
    rows: list[list[object]] = []
    for name, outcomes in family.variants.items():
        differences = [one.final - grpo.final for one, grpo in zip(outcomes, base, strict=True)]
        compared = outcomes is not base
        rows.append(
            [
                name,
                Interval.of([one.final for one in outcomes]),
                Interval.of(differences) if compared else "",
                f"{paired_p(differences):.2g}" if compared else "",
                _share(outcomes, base),
                f"{statistics.fmean(one.curve.rollouts[-1] for one in outcomes):.0f}",
                _minutes(outcomes),
            ]
        )
    levels = sorted(base[0].levels)
    of_level = [
        [name, *(f"{100 * statistics.fmean(one.levels[level] for one in of):.1f}" for level in levels)]
        for name, of in family.variants.items()
    ]
    rates = f"Learning rate {family.rate:g}, with a focused batch {family.focused_rate:g}."
    parts = [f"Before: {100 * family.before:.1f}. {rates}", table(head, rows)]
    if family.critic:
        parts.append(f"The critic was trained on {family.critic} answers of the first policy, once for all seeds.")
    return [*parts, "By level:", table(["", *levels], of_level)]


def _share(outcomes: Sequence[Outcome], base: Sequence[Outcome]) -> str:
    shares = [share([one.curve for one in outcomes], [one.curve for one in base])]
    for left_out in range(len(base)):
        some, others = ([*of[:left_out], *of[left_out + 1 :]] for of in (outcomes, base))
        shares.append(share([one.curve for one in some], [one.curve for one in others]))
    shown = ["over 1" if math.isinf(one) else f"{one:.2f}" for one in (shares[0], min(shares), max(shares))]
    return f"{shown[0]} ({shown[1]} to {shown[2]})"


def share(curves: Sequence[Curve], base: Sequence[Curve]) -> float:
    """Share of the rollouts of `base` after which the mean of `curves` was where that of `base` ended, if ever."""
    goal = rising(mean_curve(base))
    mean = rising(mean_curve(curves))
    if is_offline(mean):
        places = [
            place for place, value in zip(mean.rollouts, mean.accuracy, strict=True) if value >= goal.accuracy[-1]
        ]
        return places[0] / goal.rollouts[-1] if places else math.inf
    return reached(mean, goal.accuracy[-1]) / goal.rollouts[-1]


def _minutes(outcomes: Sequence[Outcome]) -> str:
    seconds = [one.seconds for one in outcomes if one.seconds is not None]
    return f"{statistics.fmean(seconds) / 60:.1f} min" if seconds else ""


def _mean(outcomes: Sequence[Outcome]) -> str:
    return f"{100 * statistics.fmean(one.final for one in outcomes):.1f}"


def _each(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(f"{100 * one.final:.1f}" for one in outcomes)


def draw(variants: Mapping[str, Sequence[Curve]], path: Path, title: str) -> None:
    """Mean curves with their intervals; offline ones as points."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for name, curves in variants.items():
        mean = mean_curve(curves)
        intervals = [Interval.of(values) for values in zip(*(curve.accuracy for curve in curves), strict=True)]
        means, halves = [100 * one.mean for one in intervals], [100 * one.half for one in intervals]
        if is_offline(mean):
            axes.errorbar(mean.rollouts[1:], means[1:], halves[1:], fmt="o", capsize=3, label=name)
            continue
        axes.plot(mean.rollouts, means, label=name)
        low, high = ([one + sign * half for one, half in zip(means, halves, strict=True)] for sign in (-1, 1))
        axes.fill_between(mean.rollouts, low, high, alpha=0.12)
    axes.set(xlabel="rollouts", ylabel="held-out accuracy, %", title=title.capitalize())
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
