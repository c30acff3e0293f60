"""What the trainings came to: held-out accuracy by the number of rollouts that it took."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FINISHED, FINAL = "finished.json", "final.json"
"""In the folder of a training: it has ended well; what its policy is worth."""


@dataclass(frozen=True)
class Curve:
    """Held-out accuracy of one training, or the mean of several.

    Attributes:
        rollouts: Spent on training before each evaluation, from 0.
        accuracy: Mean correctness of the held-out responses then.
    """

    rollouts: Sequence[float]
    accuracy: Sequence[float]


@dataclass(frozen=True)
class Outcome:
    """One finished training.

    Attributes:
        curve: By rollouts; few questions.
        final: Accuracy of the trained policy; many questions.
        levels: The same by level.
        seconds: Processor time of the training and of the judging; None if it was stopped in between.
    """

    curve: Curve
    final: float
    levels: dict[str, float]
    seconds: float | None


def read(folder: Path) -> Outcome:
    """Of a finished training's folder.

    Raises:
        ValueError: It has no evaluation.
    """
    run = folder / "run"
    curve = offline_curve(run) if any(run.glob("iteration-*")) else online_curve(run)
    if not curve.rollouts:
        raise ValueError(f"{run} has no evaluation")
    final = json.loads((folder / FINAL).read_text(encoding="utf-8"))
    record = json.loads((folder / FINISHED).read_text(encoding="utf-8"))
    seconds = sum(record["processor_seconds"].values()) if record["at_one_go"] else None
    return Outcome(curve, final["accuracy"], final["levels"], seconds)


def online_curve(run: Path) -> Curve:
    """Of a folder of `codaserve train`; a focused batch's rollouts count as others do."""
    spent, rollouts, accuracy = {0: 0}, list[float](), list[float]()
    lines = _lines(run / "metrics.jsonl")
    total = 0
    for line in (line for line in lines if line["kind"] == "step"):
        total += sum(line[name]["rollouts"] for name in ("batch", "focused") if line[name] is not None)
        spent[line["step"]] = total
    for line in (line for line in lines if line["kind"] == "evaluation"):
        rollouts.append(spent[line["step"]])
        accuracy.append(line["mean_at_k"]["value"])
    return Curve(rollouts, accuracy)


def offline_curve(run: Path) -> Curve:
    """Of a folder of `codaserve dapo`: before, and after each iteration. All that it collected counts."""
    rollouts, accuracy = list[float](), list[float]()
    total = 0
    for iteration in sorted(run.glob("iteration-*")):
        found = [line for line in _lines(iteration / "actor" / "metrics.jsonl") if line["kind"] == "evaluation"]
        for line in (line for line in found if line["moment"] == "before"):
            rollouts.append(total)
            accuracy.append(line["mean_at_k"]["value"])
        total += collected(iteration / "data")
        rollouts.append(total)
        accuracy.append(found[-1]["mean_at_k"]["value"])
    return Curve(rollouts, accuracy)


def collected(folder: Path) -> int:
    """Answers that a data set of `codaserve critic collect` took: solutions, kept or not, and completions.

    A completion counts as an answer does, though it is shorter.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    settings = json.loads((folder / "collect.json").read_text(encoding="utf-8"))
    questions = Path(settings["tasks"]["file"]).read_text(encoding="utf-8").splitlines()
    found = len(questions) * int(settings["solutions"])
    for part in sorted((folder / "states").glob("*.parquet")):
        column = pq.read_table(part, columns=["completions"])["completions"]
        found += pc.sum(pc.list_value_length(column)).as_py() or 0
    return found


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
