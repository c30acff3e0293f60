"""Folders of runs in every state."""

import itertools
import json
from pathlib import Path

import pytest

from tests.trainer.page.runs import write_run
from trainer.page.read import POINTS, Run, read_details, read_run


def read_all(folder: Path) -> Run:
    run = read_run(folder, "a")
    read_details(run)
    return run


def test_a_whole_run(tmp_path: Path) -> None:
    run = read_all(write_run(tmp_path / "a", seed=3))
    assert (run.seed, run.done, run.planned) == (3, 4, 4)
    assert [record["step"] for record in run.steps] == [1, 2, 3, 4]
    assert [record["step"] for record in run.evaluations] == [0, 4]
    assert [[record["step"] for record in part] for part in run.questions] == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert len(run.samples) == 1
    assert run.events[0].endswith("scorer back after 1.0 s")
    assert run.problems == []


def test_a_run_that_has_just_begun(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").touch()
    run = read_run(tmp_path, "a")
    assert (run.steps, run.evaluations, run.done, run.planned, run.seed) == ([], [], 0, 0, None)
    assert run.problems == ["no settings.json: whether other runs have the same settings is not known"]


@pytest.mark.parametrize(
    "line", [b'{"kind": "step", "st', b"\xff\xfe", b"[1]", b'{"kind": "step"}', b'{"step": "1"}', b"[" * 100_000]
)
def test_a_line_that_is_damaged_is_left_out_and_counted(tmp_path: Path, line: bytes) -> None:
    folder = write_run(tmp_path / "a")
    for name in ("metrics.jsonl", "questions.jsonl", "samples.jsonl"):
        with (folder / name).open("ab") as file:
            file.write(line)
    run = read_all(folder)
    assert run.done == 4
    assert run.problems == [
        f"{name}: 1 line cannot be read and is left out"
        for name in ("metrics.jsonl", "questions.jsonl", "samples.jsonl")
    ]


def test_numbers_that_are_not_finite_are_none(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", steps=1)
    record = {"kind": "step", "step": 2, "steps": 2, "batch": {"reward": float("nan"), "accuracy": float("-inf")}}
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(record) + "\n")
    run = read_run(folder, "a")
    assert run.steps[1]["batch"] == {"reward": None, "accuracy": None}
    assert run.problems == ["metrics.jsonl: 2 numbers are not finite and are left out"]


def test_a_step_that_stands_there_twice_counts_once(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    lines = (folder / "metrics.jsonl").read_text().splitlines(keepends=True)
    (folder / "metrics.jsonl").write_text("".join(lines + lines))
    run = read_run(folder, "a")
    assert (len(run.steps), len(run.evaluations)) == (4, 2)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"seed": NaN}'])
def test_settings_that_say_nothing(tmp_path: Path, content: str) -> None:
    folder = write_run(tmp_path / "a")
    (folder / "settings.json").write_text(content)
    assert read_run(folder, "a").seed is None


def test_questions_of_a_long_run_are_thinned_evenly(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", steps=1)
    with (folder / "questions.jsonl").open("w") as file:
        for place in range(10_000):
            file.write(json.dumps({"step": 1, "batch": "first", "id": place}) + "\n")
    kept = [record["id"] for record in read_all(folder).questions[0]]
    assert POINTS < len(kept) <= 2 * POINTS
    assert {after - before for before, after in itertools.pairwise(kept)} == {32}
