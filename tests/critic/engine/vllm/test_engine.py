"""What becomes of requests when vLLM fails, with a process in its place that fails when it is told to."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from torch import nn

from critic.checkpoint import CheckpointError
from critic.encode import EncodedSequence
from critic.engine.vllm import engine as engine_module
from critic.engine.vllm.engine import VllmEngine
from critic.engine.vllm.layout import Layout
from critic.engine.vllm.process import ProcessError
from critic.engine.vllm.settings import VllmSettings
from critic.loaded import load_in_vllm
from critic.tree import plant

TREE = plant([EncodedSequence((1, 2, 3), (0, 2))])


@pytest.fixture
def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says how to fail."""
    file = tmp_path / "fault"
    file.write_text("")
    monkeypatch.setenv("FAULT_FILE", str(file))
    return file


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    script = tmp_path / "interpreter"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("interpreter.py")} "$@"\n')
    script.chmod(0o755)
    return script


@pytest.fixture
def checkpoint(critic_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(critic_dir, tmp_path / "critic"))


@pytest.fixture
def start(fault: Path, interpreter: Path, checkpoint: Path) -> Iterator[Callable[[], VllmEngine]]:
    started: list[VllmEngine] = []

    def begin() -> VllmEngine:
        layout = Layout(checkpoint, nn.Linear(32, 1))
        settings = VllmSettings(python=interpreter)
        started.append(VllmEngine(layout, settings, device="auto", dtype="auto", threads=1, max_tokens=64))
        return started[-1]

    yield begin
    for engine in started:
        engine.close()


@pytest.mark.parametrize(("how", "what"), [("end", "ended \\(3\\)"), ("say", "too much")])
def test_a_vllm_that_fails_is_started_again(start: Callable[[], VllmEngine], fault: Path, how: str, what: str) -> None:
    engine = start()
    assert engine.values([TREE]) == [[[0.5, 0.5]]]
    fault.write_text(how)
    with pytest.raises(ProcessError, match=what):
        engine.values([TREE])
    with pytest.raises(ProcessError, match=what):
        engine.values([TREE])  # it does not start either
    fault.write_text("")
    assert engine.values([TREE]) == [[[0.5, 0.5]]]


def test_a_vllm_that_hangs_is_ended(
    start: Callable[[], VllmEngine], fault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = start()
    fault.write_text("hang")
    monkeypatch.setattr(engine_module, "_PASS_SECONDS", 0.2)
    with pytest.raises(ProcessError, match=r"did not answer within 0\.2 s"):
        engine.values([TREE])
    fault.write_text("")
    monkeypatch.setattr(engine_module, "_PASS_SECONDS", 60.0)
    assert engine.values([TREE]) == [[[0.5, 0.5]]]


def test_weights_that_were_written_to_are_not_read_again(
    start: Callable[[], VllmEngine], fault: Path, checkpoint: Path
) -> None:
    engine = start()
    fault.write_text("end")
    with pytest.raises(ProcessError):
        engine.values([TREE])
    fault.write_text("")
    with (checkpoint / "model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ProcessError, match="reload a checkpoint"):
        engine.values([TREE])


def test_closing_wakes_who_waits_and_leaves_no_process(start: Callable[[], VllmEngine], fault: Path) -> None:
    engine = start()
    fault.write_text("hang")
    errors: list[Exception] = []

    def wait() -> None:
        try:
            engine.values([TREE])
        except ProcessError as error:
            errors.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.2)
    process = engine._process
    engine.close()
    waiting.join(30)
    assert not waiting.is_alive()
    assert len(errors) == 1
    assert process is not None
    assert not process.alive
    fault.write_text("")
    with pytest.raises(ProcessError, match="closed"):
        engine.values([TREE])


def test_a_vllm_that_does_not_start_is_a_checkpoint_that_cannot_be_used(
    critic_dir: Path, fault: Path, interpreter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def load(python: Path) -> None:
        load_in_vllm(critic_dir, "cpu", "auto", 64, VllmSettings(python=python), 1)

    with pytest.raises(CheckpointError, match="none does not run: No such file"):
        load(tmp_path / "none")
    with pytest.raises(CheckpointError, match="No module named 'vllm'"):
        load(Path(sys.executable))
    fault.write_text("end")
    with pytest.raises(CheckpointError, match=r"vLLM ended \(3\)"):
        load(interpreter)
    assert not list(temporary.iterdir())
