"""`codaserve train` with several processes, as a person starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from trainer.demo import model as demo_model
from trainer.demo import tokenizer as demo_tokenizer

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
TRAIN = ["-m", "codaserve.cli.main", "train"]
MANY = 10000


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """A run of a few steps with an untrained policy and a scorer of its own."""
    tokenizer = demo_tokenizer.build()
    demo_model.build(tokenizer).save_pretrained(tmp_path / "policy")
    tokenizer.save_pretrained(tmp_path / "policy")
    tasks = [{"id": str(i), "question": f"Compute {i} + 1\n", "math": {"gold": [str(i + 1)]}} for i in range(8)]
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    keys: dict[str, Any] = {
        "output-dir": tmp_path / "run",
        "model.path": tmp_path / "policy",
        "model.device": "cpu",
        "tasks.file": tmp_path / "tasks.jsonl",
        "objective.kind": "grpo",
        "rollout.questions": 4,
        "rollout.group-size": 2,
        "rollout.max-prompt-tokens": 32,
        "rollout.max-response-tokens": 16,
        "checkpoint.every": 1,
    }
    return [f"--{key}={value}" for key, value in keys.items()]


def descendants(pid: int) -> dict[int, str]:
    """Command lines of all processes below one."""
    found: dict[int, str] = {}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            found |= descendants(child)
    return found


def test_a_killed_process_ends_all_and_the_run_resumes(arguments: list[str], tmp_path: Path) -> None:
    metrics = tmp_path / "run" / "metrics.jsonl"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    launcher = subprocess.Popen([sys.executable, *TORCHRUN, *TRAIN, *arguments, f"--steps={MANY}"], env=environment)
    try:
        until = time.monotonic() + 120
        while not (metrics.exists() and metrics.read_text().count("\n") >= 2):
            assert launcher.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        below = descendants(launcher.pid)
        trainers = [pid for pid, command in below.items() if " train " in command]
        assert len(trainers) == 2
        os.kill(trainers[1], signal.SIGKILL)
        assert launcher.wait(60) != 0
    finally:
        launcher.kill()  # what it started ends with it
        launcher.wait()
    for _ in range(300):
        left = [pid for pid in below if Path(f"/proc/{pid}").exists()]
        if not left:
            break
        time.sleep(0.1)
    assert left == []
    steps = [json.loads(line)["step"] for line in metrics.read_text().splitlines()]
    assert steps[-1] < MANY
    last = steps[-1] + 2
    command = [sys.executable, *TORCHRUN, *TRAIN, *arguments, "--resume", f"--steps={last}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"done: {last} steps") == 1  # one of the processes speaks for all
    steps = [json.loads(line)["step"] for line in metrics.read_text().splitlines()]
    assert steps == list(range(1, last + 1))
