"""A training run survives a scorer that is killed: real trainer, real scorer, `kill -9`."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from trainer.demo import model as demo_model
from trainer.demo import tokenizer as demo_tokenizer

CODASERVE = [sys.executable, "-m", "codaserve.cli.main"]
STEPS = 6
SECONDS = 300.0
"""For what takes ten on an idle machine."""


@contextmanager
def scorer_on(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([*CODASERVE, "scorer", "--port", str(port)], process_group=0)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"did not happen within {SECONDS:g} s"
        time.sleep(0.05)


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def command(tmp_path: Path, port: int) -> list[str]:
    """A run of a few steps with an untrained policy; only the scorer is real."""
    tokenizer = demo_tokenizer.build()
    demo_model.build(tokenizer).save_pretrained(tmp_path / "policy")
    tokenizer.save_pretrained(tmp_path / "policy")
    tasks = [{"id": str(i), "question": f"Compute {i} + 1\n", "math": {"gold": [str(i + 1)]}} for i in range(8)]
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    keys = {
        "output-dir": tmp_path / "run",
        "model.path": tmp_path / "policy",
        "tasks.file": tmp_path / "tasks.jsonl",
        "objective.lambda": 0,
        "steps": STEPS,
        "rollout.questions": 4,
        "rollout.group-size": 4,
        "rollout.max-prompt-tokens": 32,
        "rollout.max-response-tokens": 64,
        "checkpoint.every": 1,
        "scorer.addresses": f"127.0.0.1:{port}",
    }
    return [*CODASERVE, "train", *(f"--{key}={value}" for key, value in keys.items())]


def steps(tmp_path: Path) -> list[dict[str, object]]:
    metrics = tmp_path / "run" / "metrics.jsonl"
    lines = metrics.read_text().splitlines(keepends=True) if metrics.exists() else []
    records = [json.loads(line) for line in lines if line.endswith("\n")]
    return [record for record in records if record["kind"] == "step"]


@contextmanager
def training(command: list[str], max_outage: float) -> Iterator["subprocess.Popen[str]"]:
    arguments = [*command, f"--scorer.max-outage={max_outage}"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_killed_scorer_that_comes_back_costs_no_rollout(command: list[str], port: int, tmp_path: Path) -> None:
    events = tmp_path / "run" / "events.log"
    with scorer_on(port) as scorer, training(command, max_outage=60) as run:
        wait_until(lambda: len(steps(tmp_path)) >= 2, run)
        scorer.kill()
        scorer.wait()
        wait_until(lambda: "unreachable" in events.read_text(), run)
        before = len(steps(tmp_path))
        with scorer_on(port):
            output, _ = run.communicate(timeout=SECONDS)
    assert run.returncode == 0, output
    assert before < STEPS
    done = steps(tmp_path)
    assert [step["step"] for step in done] == list(range(1, STEPS + 1))
    assert all(not step["batch"]["unscored"] for step in done)  # type: ignore[index]
    assert "scorer back" in events.read_text()


def test_past_max_outage_the_run_stops_and_resumes(command: list[str], port: int, tmp_path: Path) -> None:
    with scorer_on(port) as scorer, training(command, max_outage=1) as run:
        wait_until(lambda: len(steps(tmp_path)) >= 2, run)
        scorer.kill()
        output, _ = run.communicate(timeout=SECONDS)
    assert run.returncode == 3, output
    assert "--resume" in output
    assert 2 <= len(steps(tmp_path)) < STEPS
    with scorer_on(port), training([*command, "--resume"], max_outage=60) as run:
        output, _ = run.communicate(timeout=SECONDS)
    assert run.returncode == 0, output
    assert [step["step"] for step in steps(tmp_path)] == list(range(1, STEPS + 1))
