"""Runs that are refused or stopped, and what they say."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from codaserve.settings import ConfigurationError
from trainer.errors import DivergedError, SaveError, ScorerAwayError
from trainer.loop import train
from trainer.objectives.clipped import clipped_loss


def events(folder: Path) -> list[str]:
    """Texts of events.log, without the time."""
    return [line[20:] for line in (folder / "events.log").read_text().splitlines()]


def test_a_folder_in_use_is_not_written_over(configure: Any) -> None:
    train(configure(steps=1))
    with pytest.raises(ConfigurationError, match="continue it with --resume or choose another"):
        train(configure(steps=1))


def test_nothing_to_resume_is_an_error(configure: Any) -> None:
    with pytest.raises(ConfigurationError, match="no run to resume"):
        train(configure(resume=True))


def test_a_launch_for_deepspeed_needs_it(configure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    monkeypatch.setitem(sys.modules, "deepspeed", None)
    with pytest.raises(ConfigurationError, match="launched for DeepSpeed, which cannot be imported"):
        train(configure())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective__clip": 0.1}, r"objective\.clip was 0\.2 and is 0\.1"),
        ({"seed": 6}, "seed was 5 and is 6"),
        ({"tasks__limit": 3}, "tasks.limit was None and is 3"),
    ],
)
def test_other_settings_at_resumption_are_refused(configure: Any, changes: dict[str, Any], message: str) -> None:
    train(configure(steps=1))
    with pytest.raises(ConfigurationError, match=message):
        train(configure(resume=True, **changes))


def test_other_questions_at_resumption_are_refused(configure: Any, tmp_path: Path) -> None:
    train(configure(steps=1))
    settings = configure(steps=1, resume=True)
    text = (tmp_path / "tasks.jsonl").read_text()
    (tmp_path / "tasks.jsonl").write_text(text.replace("+ 1", "+ 2"))
    with pytest.raises(ConfigurationError, match="training questions have changed"):
        train(settings)


def test_a_mistake_in_the_questions_leaves_no_run_behind(configure: Any, tmp_path: Path) -> None:
    settings = configure()
    text = (tmp_path / "tasks.jsonl").read_text()
    (tmp_path / "tasks.jsonl").write_text(text + "{broken\n")
    with pytest.raises(ConfigurationError, match=r"tasks.jsonl:13: not JSON"):
        train(settings)
    (tmp_path / "tasks.jsonl").write_text(text)
    train(settings)


@pytest.mark.parametrize("rate", [1e8, 1e9])
def test_a_learning_rate_that_breaks_the_policy_saves_nothing_of_it(configure: Any, rate: float) -> None:
    settings = configure(optimizer__learning_rate=rate, checkpoint__every=3)
    with pytest.raises(DivergedError, match=r"diverged.*optimizer\.learning_rate") as caught:
        train(settings)
    assert caught.value.checkpoint is None
    assert not (settings.output_dir / "checkpoints").exists()
    assert not (settings.output_dir / "model").exists()
    assert events(settings.output_dir)[-1] == f"stopped: {caught.value}"


def test_a_policy_that_diverges_late_replaces_no_checkpoint(configure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def broken(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        result = clipped_loss(*arguments, **options)
        return replace(result, loss=result.loss * float("nan")) if len(calls) > 4 else result

    monkeypatch.setattr("trainer.update.clipped_loss", broken)
    settings = configure()
    with pytest.raises(DivergedError, match="loss nan") as caught:
        train(settings)
    kept = sorted((settings.output_dir / "checkpoints").iterdir())
    assert kept
    assert caught.value.checkpoint == kept[-1]
    assert all(weight.isfinite().all() for weight in load_file(kept[-1] / "model.safetensors").values())
    monkeypatch.undo()
    train(configure(resume=True))


def test_a_full_disk_is_said_and_does_not_hide_why_the_run_stopped(
    configure: Any, scorer_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, folder: str) -> None:
        Path(folder, "half").write_text("x")
        raise RuntimeError("PytorchStreamWriter failed writing file")

    monkeypatch.setattr("accelerate.Accelerator.save_state", full)
    settings = configure()
    with pytest.raises(SaveError, match=r"checkpoints cannot be written: .*MiB left"):
        train(settings)
    assert list((settings.output_dir / "checkpoints").iterdir()) == []
    assert re.match(r"stopped: .*checkpoints cannot be written", events(settings.output_dir)[-1])
    scorer_server.stop()
    with pytest.raises(ScorerAwayError) as caught:
        train(configure(resume=True, scorer__max_outage=0.2))
    assert "cannot be written" in caught.value.unsaved
    assert events(settings.output_dir)[-1] == f"stopped: {caught.value}; not saved: {caught.value.unsaved}"
    assert caught.value.checkpoint is None


def test_resuming_a_run_that_is_past_the_steps_says_so(configure: Any, recorder: Any) -> None:
    train(configure(steps=2))
    report = train(configure(steps=1, resume=True), observers=[recorder])
    assert report.steps == 2
    assert "the run is at step 2 already, of 1 asked for" in recorder.events


def test_other_held_out_questions_at_resumption_are_refused(configure: Any, tmp_path: Path) -> None:
    train(configure(steps=1))
    settings = configure(steps=2, resume=True)
    text = (tmp_path / "held_out.jsonl").read_text()
    (tmp_path / "held_out.jsonl").write_text(text.replace("+ 1", "+ 2"))
    with pytest.raises(ConfigurationError, match="held-out questions have changed"):
        train(settings)


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.bin"])
def test_a_damaged_checkpoint_is_named_with_the_remedy(configure: Any, name: str) -> None:
    settings = configure(steps=1)
    train(settings)
    path = settings.output_dir / "checkpoints" / "step-00000001" / name
    path.write_bytes(path.read_bytes()[: 100 if name.startswith("model") else 0])
    with pytest.raises(ConfigurationError, match=r"step-00000001: the checkpoint cannot be loaded: .+remove it to use"):
        train(configure(steps=2, resume=True))
