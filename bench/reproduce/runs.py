"""Runs trainings, several at a time; what is finished is not run again, what was stopped goes on."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from bench.reproduce.results import FINAL, FINISHED
from codaserve.files import write_atomically
from trainer.command import NO_SERVICE, STOPPED

HOURS = 6.0
"""For one training, on a machine that does other things as well."""
FINAL_SAMPLES = 4
"""Responses to each of the questions that judge the trained policy."""

PASSING, TRIES = (STOPPED, NO_SERVICE), 5
"""Exit statuses that may be another the next time, on a machine that is very busy: a service was away, or did not start
in time."""

Program = Literal["train", "dapo"]


@dataclass(frozen=True)
class Training:
    """One training and where it goes.

    Attributes:
        label: Shown while it runs.
        folder: Its own.
        program: The command of codaserve.
        configuration: The command's; its output is the folder `run` below the training's.
        tasks: Task file of the questions that it trains on, which the configuration names.
        model: Where it leaves the trained policy.
        held_out: Task file of the questions that this is judged by.
        seed: Of the sampling of the answers to these.
    """

    label: str
    folder: Path
    program: Program
    configuration: dict[str, Any]
    tasks: Path
    model: Path
    held_out: Path
    seed: int


def run_all(trainings: Sequence[Training], jobs: int) -> list[str]:
    """Runs what is not finished and returns what did not end well, in words.

    Raises:
        RuntimeError: One that is finished was made with other settings or questions.
    """
    open_ones = [one for one in trainings if not (one.folder / FINISHED).exists()]
    for one in trainings:
        if one not in open_ones and json.loads((one.folder / FINISHED).read_text())["digest"] != digest(one):
            raise RuntimeError(
                f"{one.folder} was made with other settings or questions: remove it, or use another --folder"
            )
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
            print(f"{time.strftime('%H:%M')} {count} of {len(open_ones)}: {label} {error or 'done'}", flush=True)
    return failures


def digest(one: Training) -> str:
    """Tells trainings of other settings or questions apart."""
    found = hashlib.sha256(json.dumps(one.configuration, sort_keys=True).encode())
    for file in (one.tasks, one.held_out):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _run(one: Training) -> str:
    """Returns what went wrong, if anything."""
    one.folder.mkdir(parents=True, exist_ok=True)
    begun = _begun(one)
    judging = _judging(one.model, one.held_out, one.folder / FINAL, one.seed)
    parts: dict[str, Callable[[], tuple[int, float]]] = {
        "training": lambda: _train(one),
        "judging": lambda: _call(judging, one.folder / "judging.log"),
    }
    seconds = dict.fromkeys(parts, 0.0)
    for part, call in parts.items():
        for _ in range(TRIES):
            status, taken = call()
            seconds[part] += taken
            if status not in PASSING:
                break
        if status != 0:
            return f"{part} ended with status {status}, see {one.folder / f'{part}.log'}"
    record = {"label": one.label, "digest": digest(one), "processor_seconds": seconds, "at_one_go": not begun}
    write_atomically(one.folder / FINISHED, json.dumps(record) + "\n")
    return ""


def _begun(one: Training) -> bool:
    """Whether there is something to go on from; one that stopped before it recorded its settings has nothing."""
    return (one.folder / "run" / "settings.json").exists()


def _train(one: Training) -> tuple[int, float]:
    configuration = one.configuration | ({"resume": True} if _begun(one) and one.program == "train" else {})
    file = one.folder / "configuration.yaml"
    write_atomically(file, yaml.safe_dump(configuration, sort_keys=False))
    return _call(["-m", "codaserve.cli.main", one.program, str(file)], one.folder / "training.log")


def judge(model: Path, held_out: Path, output: Path, seed: int) -> float:
    """Accuracy of a policy, written to `output` unless it is there.

    Raises:
        RuntimeError: It did not end well.
    """
    if not output.exists():
        log = output.with_suffix(".log")
        status, _ = _call(_judging(model, held_out, output, seed), log)
        if status != 0:
            raise RuntimeError(f"judging {model} ended with status {status}, see {log}")
    return float(json.loads(output.read_text(encoding="utf-8"))["accuracy"])


def _judging(model: Path, held_out: Path, output: Path, seed: int) -> list[str]:
    return [
        *("-m", "bench.reproduce.final", str(model), str(held_out), str(output)),
        *("--samples", str(FINAL_SAMPLES), "--seed", str(seed)),
    ]


def _call(command: Sequence[str], log: Path) -> tuple[int, float]:
    """Exit status, -9 after too long, and processor time of the command and of what it waited for, seconds."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    deadline = time.monotonic() + HOURS * 3600
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment
        )
        while True:
            # wait4, since that alone tells what this one process and its children used.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage.ru_utime + usage.ru_stime
            if time.monotonic() > deadline:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.5)
