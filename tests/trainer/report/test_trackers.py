"""What TensorBoard and Weights & Biases get, read back."""

import importlib.util
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]
from wandb.proto import wandb_internal_pb2

from codaserve.settings import ConfigurationError
from trainer.loop import train
from trainer.report.metrics import batch_scalars


class Stop(Exception):  # noqa: N818
    """Stands for the end of the process."""


class StopAfter:
    """Ends the run when a step is reported."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step(self, report: Any) -> None:
        if report.step == self._step:
            raise Stop

    def on_evaluation(self, report: Any) -> None:
        pass

    def on_event(self, text: str) -> None:
        pass


def board(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder))
    found.Reload()
    return found


def wandb_records(path: Path) -> Iterator[wandb_internal_pb2.Record]:
    """The records of a .wandb file: LevelDB's log format behind a header of seven bytes.

    https://github.com/google/leveldb/blob/main/doc/log_format.md
    """
    data = path.read_bytes()
    block, header, place, message = 32768, struct.Struct("<IHB"), 7, b""
    while place + header.size <= len(data):
        if block - place % block < header.size:  # what is left of a block is padding
            place += block - place % block
            continue
        _, length, kind = header.unpack_from(data, place)
        place += header.size
        message += data[place : place + length]
        place += length
        if kind in (1, 4):  # whole, or the last part
            yield wandb_internal_pb2.Record.FromString(message)
            message = b""


def test_tensorboard_has_what_the_metrics_have(configure: Any, recorder: Any) -> None:
    settings = configure(steps=2, tracking__project="small")
    train(settings, observers=[recorder])
    found = board(settings.output_dir / "tensorboard" / "small")
    names = set(found.Tags()["scalars"])
    batch = recorder.steps[0].batch
    assert {f"train/{name}" for name in batch_scalars(batch)} <= names
    assert {"train/confidence_correct", "train/positive_advantage", "train/accuracy, level 0"} <= names
    assert {"train/outcome_term", "train/step_term", "seconds/generation", "evaluation/mean@2"} <= names
    assert {"train/learning_rate", "focused/reward", "retries/scorer"} <= names
    (first, second) = found.Scalars("train/reward")
    assert (first.step, second.step) == (1, 2)
    assert abs(first.value - batch.reward) < 1e-6


def test_a_resumed_run_has_each_step_once(configure: Any) -> None:
    changes = {"steps": 3, "checkpoint__every": 2}
    with pytest.raises(Stop):
        train(configure(**changes), observers=[StopAfter(3)])
    settings = configure(**changes, resume=True)
    train(settings)
    found = board(settings.output_dir / "tensorboard" / "codaserve")
    assert [event.step for event in found.Scalars("train/reward")] == [1, 2, 3]


def test_a_run_goes_on_with_other_trackers(configure: Any) -> None:
    train(configure(steps=1))
    settings = configure(steps=2, resume=True, tracking__trackers=[])
    train(settings)
    assert board(settings.output_dir / "tensorboard" / "codaserve").Scalars("train/reward")[-1].step == 1


def test_no_trackers_leave_no_files(configure: Any) -> None:
    settings = configure(steps=1, tracking__trackers=[])
    train(settings)
    assert not {"tensorboard", "wandb"} & {path.name for path in settings.output_dir.iterdir()}


def test_weights_and_biases_without_a_network(configure: Any, recorder: Any) -> None:
    settings = configure(steps=2, tracking__trackers=["wandb"], tracking__offline=True)
    train(settings, observers=[recorder])
    assert not (settings.output_dir / "tensorboard").exists()
    (path,) = (settings.output_dir / "wandb").glob("offline-run-*/run-*.wandb")
    deadline = time.monotonic() + 60
    # Its service, a process of its own, writes the rest of the file after the run has ended.
    while not (records := list(wandb_records(path))) or records[-1].WhichOneof("record_type") != "exit":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    history: dict[str, dict[int, str]] = {}
    project = ""
    for record in records:
        project = record.run.project or project
        if record.HasField("history"):
            for item in record.history.item:
                name = item.key or "/".join(item.nested_key)
                history.setdefault(name, {})[record.history.step.num] = item.value_json
    assert project == "codaserve"
    assert float(history["train/reward"][2]) == pytest.approx(recorder.steps[1].reward)
    assert float(history["evaluation/mean@2"][0]) == pytest.approx(recorder.evaluations[0].mean_at_k.value)


def test_a_missing_package_is_named(configure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "wandb" else found(name))
    with pytest.raises(ConfigurationError, match=r"the package 'wandb' is missing; pip install 'codaserve\[wandb\]'"):
        train(configure(tracking__trackers=["tensorboard", "wandb"]))


def test_a_tracker_that_does_not_start_is_named(configure: Any) -> None:
    settings = configure()
    settings.output_dir.mkdir()
    (settings.output_dir / "tensorboard").write_text("a file where its folder should be")
    with pytest.raises(ConfigurationError, match=r"tracking.trackers: tensorboard cannot be started: .*tensorboard"):
        train(settings)
