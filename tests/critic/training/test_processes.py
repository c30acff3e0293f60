"""Training in processes of its own: several at one time, and killed ones."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from critic.checkpoint import Critic
from critic.training.data import read, write
from critic.training.train import train
from tests.critic.training.learnable import settings

TRAIN = ["-m", "codaserve.cli.main", "critic", "train", "--device", "cpu"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def arguments(**values: Any) -> list[str]:
    return [part for key, value in values.items() for part in (f"--{key}", str(value))]


def metrics(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]


def furthest(one: Path, other: Path) -> float:
    """The greatest difference between weights of two checkpoints."""
    first, second = (Critic.load(path).model.state_dict() for path in (one, other))
    assert first.keys() == second.keys()
    return max(float((first[name] - second[name]).abs().max()) for name in first)


def test_two_processes_make_the_same_critic_as_one(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    write(few, read(data)[:33])  # the last update has one solution, so that one process has none
    options = {"epochs": 1, "batch_solutions": 8, "held_out_share": 0.0, "max_tokens_per_pass": 64}
    train(settings(few, lm_dir, tmp_path / "one", **options))
    own = {"data": few, "base": lm_dir, "output": tmp_path / "two", "save_every": 2, **options}
    rates = arguments(learning_rate=3e-3, head_learning_rate=3e-2)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launcher, *TRAIN, *rates, *arguments(**own)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("trained on") == 1
    one, two = metrics(tmp_path / "one"), metrics(tmp_path / "two")
    assert len(one) == len(two) == 5
    for a, b in zip(one, two, strict=True):
        assert b["loss"] == pytest.approx(a["loss"], rel=1e-4)
        assert b["grad_norm"] == pytest.approx(a["grad_norm"], rel=1e-3)
    # Five updates of about 3e-3 each; their rounding stays far below one.
    assert furthest(tmp_path / "one" / "checkpoint", tmp_path / "two" / "checkpoint") < 1e-4


def test_a_killed_run_goes_on_and_ends_as_one_that_was_not(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    write(few, read(data)[:150])
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    own = {"data": few, "base": lm_dir, "output": killed, "epochs": 1, "batch_solutions": 8, "save_every": 3}
    rates = arguments(learning_rate=3e-3, head_learning_rate=3e-2)
    # Dropout, so that the random state counts.
    adapted = {"rank": 4, "dropout": 0.2}
    command = [sys.executable, *TRAIN, *arguments(**own), *rates]
    command += arguments(**{f"lora.{key}": value for key, value in adapted.items()})
    process = subprocess.Popen(command, env=ENVIRONMENT)
    deadline = time.monotonic() + 120
    while not (killed / "states" / "critic-00000006").exists():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "report.json").exists()
    done = subprocess.run([*command, "--resume"], env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    expected = train(settings(few, lm_dir, whole, epochs=1, batch_solutions=8, lora=adapted)).held_out
    assert furthest(killed / "checkpoint", whole / "checkpoint") < 1e-6
    for one, other in zip(metrics(killed), metrics(whole), strict=True):
        assert one == pytest.approx(other, rel=1e-5)
    assert expected is not None
    report = json.loads((killed / "report.json").read_text())
    assert report["held_out"]["bce"] == pytest.approx(expected.bce, rel=1e-5)
    assert not (killed / "states").exists()
