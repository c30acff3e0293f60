"""Runs trainings, several at a time; what is finished is not run again, what was stopped goes on."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.reproduce.results import FINISHED
from codaserve.files import write_atomically

SECONDS = 3600.0
"""For one training."""


@dataclass(frozen=True)
class Training:
    """One training and where it goes.

    Attributes:
        label: Shown while it runs.
        folder: Its own.
        configuration: The trainer's; `output_dir` is inside the folder.
    """

    label: str
    folder: Path
    configuration: dict[str, Any]


def run_all(trainings: Sequence[Training], jobs: int) -> list[str]:
    """Runs what is not finished and returns what did not end well, in words."""
    open_ones = [one for one in trainings if not (one.folder / FINISHED).exists()]
    print(
        f"{len(trainings) - len(open_ones)} of {len(trainings)} trainings are there, {len(open_ones)} to go", flush=True
    )
    failures = []
    with ThreadPoolExecutor(jobs) as pool:
        under_way = {pool.submit(_run, one): one for one in open_ones}
        for count, done in enumerate(as_completed(under_way), 1):
            label = under_way[done].label
            if error := done.result():
                failures.append(f"{label}: {error}")
            print(f"{count} of {len(open_ones)}: {label} {error or 'done'}", flush=True)
    return failures


def _run(one: Training) -> str:
    """Returns what went wrong, if anything."""
    one.folder.mkdir(parents=True, exist_ok=True)
    output = Path(one.configuration["output_dir"])
    configuration = one.configuration | ({"resume": True} if output.exists() else {})
    file = one.folder / "train.yaml"
    write_atomically(file, yaml.safe_dump(configuration, sort_keys=False))
    command = [sys.executable, "-m", "codaserve.cli.main", "train", str(file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with (one.folder / "train.log").open("ab") as log:
        try:
            status = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, timeout=SECONDS
            ).returncode
        except subprocess.TimeoutExpired:
            return f"took more than {SECONDS:g} s"
    if status != 0:
        return f"ended with status {status}, see {one.folder / 'train.log'}"
    write_atomically(one.folder / FINISHED, json.dumps({"label": one.label}) + "\n")
    return ""
