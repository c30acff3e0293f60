import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.reproduce import runs
from bench.reproduce.results import FINISHED
from bench.reproduce.runs import Training, digest, run_all


def _training(folder: Path) -> Training:
    tasks, held_out = folder / "tasks.jsonl", folder / "held-out.jsonl"
    tasks.write_text("{}\n")
    held_out.write_text("{}\n")
    return Training("one", folder, "train", {"seed": 1}, tasks, folder / "model", held_out, 1)


def test_what_is_finished_is_not_run_again_unless_it_is_something_else(tmp_path: Path) -> None:
    one = _training(tmp_path)
    (tmp_path / FINISHED).write_text(json.dumps({"digest": digest(one)}))
    assert run_all([one], 1) == []
    with pytest.raises(RuntimeError, match="other settings or questions"):
        run_all([replace(one, configuration={"seed": 2})], 1)
    one.tasks.write_text("{}\n{}\n")
    with pytest.raises(RuntimeError, match="other settings or questions"):
        run_all([one], 1)


def test_what_fails_is_told_and_not_finished(tmp_path: Path) -> None:
    one = replace(_training(tmp_path), configuration={"nothing_that_train_knows": 1})
    (failure,) = run_all([one], 1)
    assert failure.startswith("one: training ended with status 2, see ")
    assert "nothing_that_train_knows" in (tmp_path / "training.log").read_text()
    assert not (tmp_path / FINISHED).exists()


def test_what_a_service_was_missing_for_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([(4, 10.0), (3, 20.0), (0, 30.0), (4, 1.0), (0, 2.0)])
    monkeypatch.setattr(runs, "_call", lambda command, log: next(answers))
    assert run_all([_training(tmp_path)], 1) == []
    record = json.loads((tmp_path / FINISHED).read_text())
    assert record["processor_seconds"] == {"training": 60.0, "judging": 3.0}
