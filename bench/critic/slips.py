"""Whether values fall where an answer goes wrong. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bench.math.table import table
from critic.training.data import LabelledSolution
from critic.training.quality import auc

FALL = 0.5
"""A step after which the Monte-Carlo value is lower by this much goes wrong."""


def report(solutions: Sequence[LabelledSolution], values: Mapping[str, Sequence[Sequence[Sequence[float]]]]) -> str:
    """The mean change of the values over steps that go wrong, and over all others, in Markdown.

    Args:
        solutions: The held-out solutions.
        values: Of the critics of each kind, at each boundary of each solution.
    """
    wrong, others = steps(solutions)
    truth = [solution.values for solution in solutions]
    rows = [["Monte-Carlo values", *(f"{mean_change([truth], places):+.3f}" for places in (wrong, others)), "-"]]
    for name, found in values.items():
        changes = [f"{mean_change(found, places):+.3f}" for places in (wrong, others)]
        rows.append([name, *changes, f"{found_out(found, wrong, others):.2f}"])
    return (
        f"Mean change of the value over a step, of the {len(wrong)} steps over which the Monte-Carlo value falls by "
        f"{FALL:g} or more, and of the {len(others)} others. The value of a critic that saw which step was wrong would "
        "fall there, too: found out is the chance that it falls more over one of the first than over one of the "
        "others.\n\n" + table(["", "steps that go wrong", "others", "found out"], rows).rstrip()
    )


def steps(solutions: Sequence[LabelledSolution]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The steps that go wrong and the others, as (solution, step), the last of each solution left out."""
    wrong, others = list[tuple[int, int]](), list[tuple[int, int]]()
    for number, solution in enumerate(solutions):
        for step, (before, after) in enumerate(zip(solution.values[:-2], solution.values[1:-1], strict=True)):
            if before is not None and after is not None:
                (wrong if before - after >= FALL else others).append((number, step))
    return wrong, others


def found_out(
    values: Sequence[Sequence[Sequence[float]]], wrong: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]
) -> float:
    """The mean over critics of the chance that the value rises more over one of the others than over a wrong step."""
    areas = []
    for rows in values:
        changes = [rows[number][step + 1] - rows[number][step] for number, step in (*others, *wrong)]
        areas.append(auc(changes, [True] * len(others) + [False] * len(wrong)) or 0.5)
    return float(np.mean(areas))


def mean_change(values: Iterable[Sequence[Sequence[float | None]]], places: Sequence[tuple[int, int]]) -> float:
    """The mean over critics and places of the value after the step less that before."""
    changes = []
    for rows in values:
        for number, step in places:
            before, after = rows[number][step], rows[number][step + 1]
            assert before is not None
            assert after is not None
            changes.append(after - before)
    return float(np.mean(changes)) if changes else 0.0
