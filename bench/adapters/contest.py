"""Runs one way of scoring in a process of its own, and what became of it."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.adapters.rows import Row


@dataclass(frozen=True)
class Outcome:
    """What became of the rows."""

    seconds: float | None
    """None if it did not end in time, or died."""
    scores: list[float | None]
    fate: str
    """ "ended", "still running after N s, M of K scored" or how it died."""


def write_rows(path: Path, rows: list[Row]) -> Path:
    """The file that a contestant reads."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(command: list[str], rows: list[Row], deadline: float, memory: int, scorer: str) -> Outcome:
    """Runs a contestant.

    Args:
        command: Its program and arguments.
        rows: What it is given.
        deadline: Seconds until it is killed.
        memory: Bytes of address space that it may have beyond which the machine would suffer.
        scorer: Address for CODASERVE_SCORERS.
    """

    variables = {**os.environ, "CODASERVE_SCORERS": scorer, "CODASERVE_UNSCORED": "nan", "OMP_NUM_THREADS": "1"}
    # By a program, not by a function between fork and exec: gRPC in this process may not survive a fork.
    limited = ["prlimit", f"--data={memory}", *command]
    process = subprocess.Popen(limited, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables)
    try:
        output, errors = process.communicate(timeout=deadline)
    except subprocess.TimeoutExpired:
        process.kill()
        _, errors = process.communicate()
        done = sum(line in ("0", "1") for line in errors.splitlines())
        return Outcome(None, [], f"still running after {deadline:g} s, {done} of {len(rows)} scored")
    if process.returncode != 0:
        last = errors.strip().splitlines()[-1:] or [""]
        return Outcome(None, [], f"died with status {process.returncode}: {last[0][:80]}")
    answer: Any = json.loads(output.splitlines()[-1])
    return Outcome(answer["seconds"], answer["scores"], "ended")


def tally(rows: list[Row], outcome: Outcome) -> tuple[int, int, int]:
    """Scores as labelled, false accepts and responses without a score."""
    pairs = list(zip(rows, outcome.scores, strict=False))
    return (
        sum(score is not None and (score == 1) == row["label"] for row, score in pairs),
        sum(score == 1 and not row["label"] for row, score in pairs),
        sum(score is None for _, score in pairs),
    )
