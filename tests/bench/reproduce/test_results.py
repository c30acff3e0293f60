import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.reproduce.results import FINAL, FINISHED, Curve, collected, offline_curve, online_curve, read


def _write(file: Path, lines: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _evaluation(step: int, accuracy: float, moment: str = "during") -> dict[str, Any]:
    return {"kind": "evaluation", "step": step, "moment": moment, "mean_at_k": {"value": accuracy}}


def _data(folder: Path, *, completions: list[int], questions: int, solutions: int) -> None:
    tasks = folder.parent / "tasks.jsonl"
    _write(tasks, [{"id": str(number)} for number in range(questions)])
    _write(folder / "collect.json", [{"tasks": {"file": str(tasks)}, "solutions": solutions}])
    (folder / "states").mkdir()
    rows = [{"completions": ["one"] * count} for count in completions]
    pq.write_table(pa.Table.from_pylist(rows), folder / "states" / "part-00000.parquet")


def test_a_runs_curve_counts_focused_rollouts(tmp_path: Path) -> None:
    lines = [
        _evaluation(0, 0.4),
        {"kind": "step", "step": 1, "batch": {"rollouts": 8}, "focused": {"rollouts": 8}},
        {"kind": "step", "step": 2, "batch": {"rollouts": 8}, "focused": None},
        _evaluation(2, 0.6),
    ]
    _write(tmp_path / "metrics.jsonl", lines)
    assert online_curve(tmp_path) == Curve([0, 24], [0.4, 0.6])


def test_collected_answers_are_solutions_and_completions(tmp_path: Path) -> None:
    _data(tmp_path / "data", completions=[8, 8, 7], questions=3, solutions=4)
    assert collected(tmp_path / "data") == 3 * 4 + 23


def test_an_offline_curve_has_the_ends_of_its_iterations(tmp_path: Path) -> None:
    for number, accuracies in ((1, [("before", 0.3), ("after", 0.4)]), (2, [("during", 0.45), ("after", 0.5)])):
        folder = tmp_path / f"iteration-{number:02}"
        _data(folder / "data", completions=[10], questions=number, solutions=2)
        lines = [_evaluation(place, accuracy, moment) for place, (moment, accuracy) in enumerate(accuracies)]
        _write(folder / "actor" / "metrics.jsonl", [{"kind": "triples"}, *lines])
    assert offline_curve(tmp_path) == Curve([0, 12, 26], [0.3, 0.4, 0.5])


def test_what_a_training_came_to(tmp_path: Path) -> None:
    _write(tmp_path / "run" / "metrics.jsonl", [])
    with pytest.raises(ValueError, match="no evaluation"):
        read(tmp_path)
    _write(tmp_path / "run" / "metrics.jsonl", [_evaluation(0, 0.4)])
    _write(tmp_path / FINAL, [{"accuracy": 0.5, "levels": {"1": 0.5}}])
    _write(tmp_path / FINISHED, [{"processor_seconds": {"training": 60.0, "judging": 3.0}, "at_one_go": True}])
    outcome = read(tmp_path)
    assert outcome.final == 0.5 and outcome.seconds == 63
    _write(tmp_path / FINISHED, [{"processor_seconds": {"training": 60.0}, "at_one_go": False}])
    assert read(tmp_path).seconds is None
