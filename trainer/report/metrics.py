"""The files of a run: metrics.jsonl, questions.jsonl, samples.jsonl and events.log.

A resumed run cuts the first three back to its checkpoint, so that no step stands there twice. docs/report.md describes
every field.
"""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from codaserve.files import atomic_writer
from trainer.report.reports import BatchReport, EvaluationReport, StepReport


class MetricsLog:
    """Writes each report when it comes.

    metrics.jsonl has a line with `kind` "step" for each step and "evaluation" for each evaluation; questions.jsonl a
    line for each question of each batch, `batch` being "first" or "focused"; samples.jsonl a few responses of some
    steps.
    """

    def __init__(self, folder: Path, *, step: int, evaluated: int) -> None:
        """Opens the files of a run, keeping what was written up to a step and up to an evaluation.

        Args:
            folder: Of the run.
            step: The last step to keep.
            evaluated: The step of the last evaluation to keep; -1 for none.
        """
        self._folder = folder
        last = {"step": step, "evaluation": evaluated}
        cut_back(folder / "metrics.jsonl", lambda line: line["step"] <= last[line["kind"]])
        for name in ("questions.jsonl", "samples.jsonl"):
            cut_back(folder / name, lambda line: line["step"] <= step)
        self._metrics = (folder / "metrics.jsonl").open("a", encoding="utf-8")
        self._questions = (folder / "questions.jsonl").open("a", encoding="utf-8")
        self._samples = (folder / "samples.jsonl").open("a", encoding="utf-8")

    def on_step(self, report: StepReport) -> None:
        """Appends a step."""
        record: dict[str, Any] = {"kind": "step", **asdict(report)}
        for name, key, batch in (("first", "batch", report.batch), ("focused", "focused", report.focused)):
            if batch is not None:
                for question in batch.questions:
                    _write(self._questions, {"step": report.step, "batch": name, **asdict(question)})
                for sample in batch.samples:
                    _write(self._samples, {"step": report.step, "batch": name, **asdict(sample)})
                del record[key]["questions"], record[key]["samples"]
        _write(self._metrics, record)

    def on_evaluation(self, report: EvaluationReport) -> None:
        """Appends an evaluation."""
        _write(self._metrics, {"kind": "evaluation", **asdict(report)})

    def on_event(self, text: str) -> None:
        """Appends a line with the time. May come from another thread."""
        with (self._folder / "events.log").open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")

    def sync(self) -> None:
        """Puts on disk what was written, before a checkpoint that counts on it."""
        for file in (self._metrics, self._questions, self._samples):
            os.fsync(file.fileno())

    def close(self) -> None:
        """Closes the files."""
        for file in (self._metrics, self._questions, self._samples):
            file.close()


def batch_scalars(batch: BatchReport) -> dict[str, float]:
    """The numbers of a batch by name; what there was nothing to compute from is left out."""
    scalars: dict[str, Any] = asdict(batch)
    for name in ("questions", "samples", "levels", "unscored", "critic_missing", "critics", "rewards", "update"):
        del scalars[name]
    scalars |= {f"accuracy, level {level}": entry.accuracy for level, entry in batch.levels.items()}
    scalars |= {f"reward, {name}": score for name, score in batch.rewards.items()}
    scalars |= {"unscored": sum(batch.unscored.values()), "critic_missing": sum(batch.critic_missing.values())}
    scalars |= asdict(batch.update) if batch.update is not None else {}
    return {name: float(value) for name, value in scalars.items() if value is not None}


def cut_back(path: Path, keep: Any) -> None:
    """Drops the lines that `keep` refuses, and a last one that a crash cut short."""
    if not path.exists():
        return
    with path.open("rb") as old, atomic_writer(path) as new:
        for line in old:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if line.endswith(b"\n") and keep(record):
                new.write(line)


def _write(file: IO[str], record: dict[str, Any]) -> None:
    file.write(json.dumps(record, allow_nan=False) + "\n")
    file.flush()
