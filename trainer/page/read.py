"""Reads the folder of a run, whatever state it is in: still going, cut short, damaged."""

import json
import math
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codaserve.configuration import ConfigurationError
from trainer.report.telling import STOPPED

METRICS = "metrics.jsonl"
MOMENTS = 4
"""Parts of a run that the map of questions is drawn for."""
POINTS = 300
"""Questions that are kept of each part, at most twice as many."""
SAMPLES = 60
"""Responses that are kept, the newest."""
EVENTS = 200
"""Lines of events.log that are kept, the newest."""
TIME = len("2026-01-31 23:59:59 ")
"""Characters of the time that begins each of them."""
REASON = 300
"""Characters that are kept of why a run stopped."""

BATCH = (
    *("reward", "accuracy", "confidence_correct", "confidence_incorrect", "positive_advantage", "negative_advantage"),
    *("rollouts", "unscored", "critic_missing", "groups_without_update", "levels"),
)
"""What is kept of a batch: a hundred runs have many steps."""
STEP = ("kind", "step", "steps", "timings", "retries", "loss", "raised", "lowered", "seconds")
"""What is kept of a step besides its batches."""

Record = dict[str, Any]


@dataclass
class Run:
    """What is known of a run."""

    name: str
    """To tell it from the others on the page."""
    folder: Path = Path()
    """Where its files are."""
    settings: Record = field(default_factory=dict)
    steps: list[Record] = field(default_factory=list)
    """Lines of metrics.jsonl, each step once, in order; of an offline run those of its pairs."""
    evaluations: list[Record] = field(default_factory=list)
    """Likewise."""
    questions: list[list[Record]] = field(default_factory=list)
    """Questions of the first batches, by part of the run, evenly thinned."""
    samples: list[Record] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    """Why it ended before its last step, each time."""
    stopped: bool = False
    """Whether nothing has happened since the last of them."""
    problems: list[str] = field(default_factory=list)
    """What could not be read, in words."""

    @property
    def seed(self) -> Any:
        """None where it is not known."""
        return self.settings.get("seed")

    @property
    def offline(self) -> bool:
        """Whether it learned from pairs that were made before, without a batch in any step."""
        return bool(self.steps) and all(record.get("kind") == "pairs" for record in self.steps)

    @property
    def done(self) -> int:
        """The last step."""
        return int(self.steps[-1]["step"]) if self.steps else 0

    @property
    def planned(self) -> int:
        """Steps of the whole run; 0 where it is not known."""
        known = number(self.steps[-1], "steps") if self.steps else number(self.settings, "steps")
        return int(known or 0)


def number(record: Any, *path: str) -> float | None:
    """A finite number inside a record, or None."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    if isinstance(record, bool) or not isinstance(record, int | float):
        return None
    return float(record) if abs(record) < 1e300 and math.isfinite(record) else None


def mapping(record: Any, *path: str) -> Record:
    """An object inside a record; empty where there is none."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else {}


def read_run(folder: Path, name: str) -> Run:
    """Settings, metrics and stops of a run; what is damaged is left out and said in `problems`.

    Args:
        folder: output_dir of the run.
        name: For the page.

    Raises:
        ConfigurationError: It cannot be read.
    """
    run = Run(name, folder)
    with named_errors(folder):
        run.settings = _settings(folder / "settings.json", run)
        _read_metrics(folder / METRICS, run)
        _read_stops(folder / "events.log", run)
    return run


def read_details(run: Run) -> None:
    """Adds questions, responses and events, which are many, to a run that shows them.

    Raises:
        ConfigurationError: They cannot be read.
    """
    with named_errors(run.folder):
        _read_questions(run.folder / "questions.jsonl", run)
        run.samples = list(deque(_lines(run.folder / "samples.jsonl", run), maxlen=SAMPLES))
        run.events = _events(run.folder / "events.log")


@contextmanager
def named_errors(folder: Path) -> Iterator[None]:
    """Says which file of a folder cannot be read.

    Raises:
        ConfigurationError: In place of OSError.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{error.filename or folder}: {error.strerror}") from error


def _settings(path: Path, run: Run) -> Record:
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda text: None)
    except FileNotFoundError:
        run.problems.append("no settings.json: whether other runs have the same settings is not known")
        return {}
    except (ValueError, RecursionError) as error:
        run.problems.append(f"settings.json cannot be read: {error}")
        return {}
    return mapping(found)


def _read_metrics(path: Path, run: Run) -> None:
    steps: dict[int, Record] = {}
    evaluations: dict[int, Record] = {}
    found = {"step": steps, "pairs": steps, "evaluation": evaluations}
    for record in _lines(path, run):
        kind = record.get("kind")
        if isinstance(kind, str) and kind in found:
            found[kind][int(record["step"])] = record if kind == "evaluation" else _slim(record)
    run.steps = [record for _, record in sorted(steps.items())]
    run.evaluations = [record for _, record in sorted(evaluations.items())]


def _slim(record: Record) -> Record:
    slim = {name: record[name] for name in STEP if name in record}
    for name in ("batch", "focused"):
        if batch := mapping(record, name):
            slim[name] = {key: batch[key] for key in BATCH if key in batch}
    return slim


def _read_questions(path: Path, run: Run) -> None:
    parts = [_Thinned() for _ in range(MOMENTS)]
    last = max(run.done, 1)
    for record in _lines(path, run):
        if record.get("batch") == "first" and record["step"] <= last:
            parts[int((record["step"] - 1) * MOMENTS / last)].add(record)
    run.questions = [part.kept for part in parts]


class _Thinned:
    """Keeps records evenly, not more than twice POINTS however many come."""

    def __init__(self) -> None:
        self.kept: list[Record] = []
        self._seen, self._every = 0, 1

    def add(self, record: Record) -> None:
        if self._seen % self._every == 0:
            self.kept.append(record)
        self._seen += 1
        if len(self.kept) > 2 * POINTS:
            self.kept = self.kept[::2]
            self._every *= 2


def _lines(path: Path, run: Run) -> Iterator[Record]:
    """Records with a step; a line that is no such record is counted, and numbers that are not finite are None."""
    bad = odd = 0

    def not_finite(text: str) -> None:
        nonlocal odd
        odd += 1

    if path.exists():
        with path.open("rb") as file:
            for line in file:
                try:
                    record = json.loads(line, parse_constant=not_finite, object_pairs_hook=_interned)
                except (ValueError, RecursionError):
                    bad += 1
                    continue
                step = number(record, "step") if isinstance(record, dict) else None
                if step is None or not 0 <= step < 1e12:
                    bad += 1
                else:
                    yield record
    if bad:
        words = "line cannot be read and is" if bad == 1 else "lines cannot be read and are"
        run.problems.append(f"{path.name}: {bad} {words} left out")
    if odd:
        run.problems.append(f"{path.name}: {odd} numbers are not finite and are left out")


def _interned(pairs: list[tuple[str, Any]]) -> Record:
    """The same few names stand in every line."""
    return {sys.intern(name): value for name, value in pairs}


def _read_stops(path: Path, run: Run) -> None:
    if not path.exists():
        return
    stops: deque[str] = deque(maxlen=EVENTS)
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            text = line.rstrip("\n")[TIME:]
            run.stopped = text.startswith(STOPPED)
            if run.stopped:
                stops.append(text.removeprefix(STOPPED)[:REASON])
    run.stops = list(stops)


def _events(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=EVENTS)]
