"""The files of an offline run, metrics.jsonl and events.log, and its trackers.

metrics.jsonl has a line with `kind` "pairs" for each optimizer step, "evaluation" for each evaluation and "triples" for
the triples that it is all about. A resumed run cuts it back to its checkpoint, so that no step stands there twice.
"""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainer.dapo.build import BuildProgress
from trainer.dapo.reports import PairsReport
from trainer.dapo.store import Counts
from trainer.report.metrics import cut_back
from trainer.report.reports import EvaluationReport
from trainer.report.trackers import Trackers
from trainer.state import RunState


class OfflineLog:
    """Writes each report when it comes."""

    def __init__(self, folder: Path, state: RunState | None) -> None:
        """Opens the files of a run, keeping what was written up to a state; nothing where there is none."""
        self._folder = folder
        last = dict.fromkeys(("triples", "pairs", "evaluation"), -1)
        if state is not None:
            last = {"triples": 0, "pairs": state.step, "evaluation": state.evaluated}
        cut_back(folder / "metrics.jsonl", lambda line: line["step"] <= last[line["kind"]])
        self._metrics = (folder / "metrics.jsonl").open("a", encoding="utf-8")

    def triples(self, counts: Counts) -> None:
        """Appends what the triples are; once, at the beginning of a run."""
        self._write({"kind": "triples", "step": 0, **asdict(counts)})

    def on_triples(self, progress: BuildProgress) -> None:
        """Progress on the way is for the terminal."""

    def on_pairs(self, report: PairsReport) -> None:
        """Appends an optimizer step."""
        self._write({"kind": "pairs", **asdict(report)})

    def on_evaluation(self, report: EvaluationReport) -> None:
        """Appends an evaluation."""
        self._write({"kind": "evaluation", **asdict(report)})

    def on_event(self, text: str) -> None:
        """Appends a line with the time to events.log. May come from another thread."""
        with (self._folder / "events.log").open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")

    def sync(self) -> None:
        """Puts on disk what was written, before a checkpoint that counts on it."""
        os.fsync(self._metrics.fileno())

    def close(self) -> None:
        """Closes the file."""
        self._metrics.close()

    def _write(self, record: dict[str, Any]) -> None:
        self._metrics.write(json.dumps(record, allow_nan=False) + "\n")
        self._metrics.flush()


class OfflineTrackers(Trackers):
    """TensorBoard and Weights & Biases."""

    def on_triples(self, progress: BuildProgress) -> None:
        """Progress on the way is for the terminal."""

    def on_pairs(self, report: PairsReport) -> None:
        """The numbers of an optimizer step."""
        scalars = {f"pairs/{name}": float(value) for name, value in asdict(report).items() if value is not None}
        self._accelerator.log(scalars, step=report.step)
