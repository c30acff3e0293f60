"""The files of a run, and cutting them back."""

import json
from pathlib import Path

from trainer.report.metrics import MetricsLog, cut_back


def test_lines_past_the_checkpoint_and_broken_ones_go(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"step": 1, "x": "cut sh')
    cut_back(path, lambda line: line["step"] <= 2)
    assert path.read_text() == '{"step": 1}\n{"step": 2}\n'


def test_a_whole_last_line_without_its_newline_goes_too(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}')
    cut_back(path, lambda line: True)
    assert path.read_text() == '{"step": 1}\n'


def test_what_is_not_there_stays_so(tmp_path: Path) -> None:
    cut_back(tmp_path / "nothing", lambda line: True)
    assert not (tmp_path / "nothing").exists()


def test_steps_and_evaluations_are_cut_apart(tmp_path: Path) -> None:
    records = [("evaluation", 0), ("step", 1), ("step", 2), ("evaluation", 2), ("step", 3)]
    text = "".join(json.dumps({"kind": kind, "step": step}) + "\n" for kind, step in records)
    (tmp_path / "metrics.jsonl").write_text(text)
    log = MetricsLog(tmp_path, step=2, evaluated=0)
    log.close()
    found = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [(line["kind"], line["step"]) for line in found] == records[:3]


def test_questions_and_samples_are_cut_at_the_step(tmp_path: Path) -> None:
    for name in ("questions.jsonl", "samples.jsonl"):
        (tmp_path / name).write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    MetricsLog(tmp_path, step=2, evaluated=-1).close()
    for name in ("questions.jsonl", "samples.jsonl"):
        assert (tmp_path / name).read_text() == '{"step": 1}\n{"step": 2}\n'
