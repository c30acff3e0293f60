"""`codaserve train` as a user runs it: exit statuses and messages."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from trainer.command import DIVERGED, DONE, STOPPED, UNSAVED, UNUSABLE
from trainer.main import run


@pytest.fixture
def config(configure: Any, tmp_path: Path) -> Path:
    """The configuration of `configure` as a file."""
    keys = json.loads(configure().model_dump_json(exclude={"resume"}))
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(keys))
    return path


def test_a_run_from_a_file_with_keys_on_the_command_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(config), "--steps", "1", "--objective.lambda", "0.5"]) == DONE
    out = capsys.readouterr().out
    assert "before training, step 0, 5 held-out questions: mean@2 0." in out
    assert "step 1/1: reward 0." in out
    assert "focused on q" in out
    assert "done: 1 steps" in out
    assert run([str(config), "--steps", "1", "--objective.lambda", "0.5"]) == UNUSABLE
    assert "--resume" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "0"], "steps: Input should be greater"),
        (["--no.such.key", "1"], "no.such.key"),
        (["--tasks.file", "missing.jsonl"], "missing.jsonl"),
        (["--model.path", "/missing/policy"], "model.path"),
    ],
)
def test_mistakes_end_with_a_message_and_status_2(
    config: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = run([str(config), *arguments])
    except SystemExit as error:  # argparse ends the process itself
        status = int(str(error.code))
    assert status == UNUSABLE
    assert message in capsys.readouterr().err


def test_a_stopped_run_names_checkpoint_and_resume(
    config: Path, scorer_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    scorer_server.stop()
    assert run([str(config), "--scorer.max_outage", "0.2"]) == STOPPED
    captured = capsys.readouterr()
    assert "scorer unreachable at" in captured.out
    assert "step-00000000" in captured.err
    assert "--resume" in captured.err
    scorer_server.start()
    assert run([str(config), "--resume"]) == DONE


def test_a_run_that_diverged_has_a_status_of_its_own(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(config), "--optimizer.learning-rate", "1e8"]) == DIVERGED
    error = capsys.readouterr().err
    assert "stopped: the training diverged" in error
    assert "there is no checkpoint before" in error


def test_a_run_that_cannot_be_saved_says_why_it_stopped_and_why_it_was_not_saved(
    config: Path, scorer_server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Any, folder: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("accelerate.Accelerator.save_state", full)
    assert run([str(config)]) == UNSAVED
    error = capsys.readouterr().err
    assert "checkpoints cannot be written" in error
    assert "No space left" in error
    scorer_server.stop()
    assert run([str(config), "--resume", "--scorer.max_outage", "0.2"]) == UNSAVED
    error = capsys.readouterr().err
    assert "rollouts were not scored" in error
    assert "and not saved: " in error


def test_a_killed_process_resumes_to_the_same_bits(config: Path, configure: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "codaserve.cli.main", "train", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("step 2/3"):
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert run([str(config), "--resume"]) == DONE
    assert run([str(config), "--output_dir", str(tmp_path / "whole")]) == DONE
    resumed, whole = (tmp_path / name / "model" / "model.safetensors" for name in ("run", "whole"))
    assert resumed.read_bytes() == whole.read_bytes()
