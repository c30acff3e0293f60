"""Checks runs of CoDaPO against the method's definitions, from what they logged of every question.

    python -m bench.reproduce.check RUN...

For each run: difficulty and value of each question are those of its responses; the focused batch has the K questions of
highest value, none of value 0, each as often as the next but for one. Prints what the batches were like, and exits with
1 where a run did something else.
"""

import argparse
import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.math.table import table

TOLERANCE = 1e-9
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Batch:
    """What the questions of a kind of batch were like, on average.

    Attributes:
        confidence: c_q.
        difficulty: d_q.
        value: v_q.
        idle: Share of groups that are all right or all wrong, which have no gradient without step credit.
    """

    confidence: float
    difficulty: float
    value: float
    idle: float

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Batch":
        """Of questions with at least two scored responses, at least one of them."""
        mean = {name: statistics.fmean(row[name] for row in rows) for name in ("confidence", "difficulty", "value")}
        return cls(**mean, idle=statistics.fmean(row["value"] == 0 for row in rows))


def main() -> int:
    """Checks the runs."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.reproduce.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="folder of a run with objective.kind: codapo")
    runs: list[Path] = parser.parse_args().runs
    wrong, shown = list[str](), []
    for run in runs:
        settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
        questions = settings["rollout"]["questions"]
        top_k = settings["codapo"]["top_k"] or max(1, questions // 4)
        groups = settings["codapo"]["focused_groups"] or questions
        rows = [json.loads(line) for line in (run / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
        wrong += [f"{run}: {text}" for text in violations(rows, top_k=top_k, groups=groups)]
        for name in ("first", "focused"):
            if valued := [row for row in rows if row["batch"] == name and row["value"] is not None]:
                batch = Batch.of(valued)
                numbers = (batch.confidence, batch.difficulty, batch.value, batch.idle)
                shown.append([run, name, *(f"{number:.3f}" for number in numbers)])
    print(table(["run", "batch", "confidence", "difficulty", "value", "groups without gradient"], shown))
    print("\n".join(wrong) or f"{len(runs)} runs did as the method says")
    return 1 if wrong else 0


def violations(rows: Iterable[Row], *, top_k: int, groups: int) -> list[str]:
    """What is not as the method says, in words.

    Args:
        rows: Of questions.jsonl, in order.
        top_k: K.
        groups: Of a focused batch.
    """
    found = []
    for step, of_step in groupby(rows, key=lambda row: row["step"]):
        by_batch: dict[str, list[Row]] = {"first": [], "focused": []}
        for row in of_step:
            by_batch[row["batch"]].append(row)
        every = [*by_batch["first"], *by_batch["focused"]]
        found += [f"step {step}, {row['id']}: {text}" for row in every for text in _misvalued(row)]
        if by_batch["focused"]:
            found += [
                f"step {step}: {text}" for text in _misdealt(by_batch["first"], by_batch["focused"], top_k, groups)
            ]
    return found


def _misvalued(row: Row) -> list[str]:
    if row["value"] is None:
        return []
    difficulty = 1 - row["correct"] / row["scored"]
    value = row["confidence"] * (1 - 4 * (difficulty - 0.5) ** 2)
    found = []
    if abs(difficulty - row["difficulty"]) > TOLERANCE:
        found.append(f"difficulty {row['difficulty']}, of its responses {difficulty}")
    if abs(value - row["value"]) > TOLERANCE:
        found.append(f"value {row['value']}, of confidence and difficulty {value}")
    return found


def _misdealt(first: Sequence[Row], focused: Sequence[Row], top_k: int, groups: int) -> list[str]:
    values = {row["id"]: row["value"] or 0.0 for row in first}
    counts = Counter(row["id"] for row in focused)
    planned = Counter({row["id"]: row["resampled"] for row in first if row["resampled"]})
    positive = [value for value in values.values() if value > 0]
    found = []
    if counts != planned or counts.total() != groups:
        found.append(f"{groups} groups were to be dealt, {dict(planned)} planned, {dict(counts)} drawn")
    if len(counts) != min(top_k, len(positive), groups):
        found.append(f"{len(counts)} questions of {len(positive)} above 0 were drawn again, not {top_k}")
    if max(counts.values()) - min(counts.values()) > 1:
        found.append(f"dealt unevenly: {dict(counts)}")
    chosen, left = ([values[one] for one in values if (one in counts) == drawn] for drawn in (True, False))
    if min(chosen) <= 0 or (left and min(chosen) < max(left)):
        found.append(f"a question of value {max(left):.3f} was left out for one of {min(chosen):.3f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
