"""Checkpoints: a folder each, complete or absent.

A checkpoint is written into a temporary folder beside its place, every file is synced, and the folder is renamed: a
crash at any moment leaves the checkpoints before it as they were. It is a policy folder as save_pretrained writes it,
with the optimizer, the random states and state.json added.
"""

import json
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from codaserve.settings import ConfigurationError
from trainer import chance
from trainer.settings import TrainerSettings
from trainer.state import RunState

PREFIX = "step-"
TEMPORARY = ".writing-"
FORMAT = 1
"""Of state.json."""
FREE = ("resume", "scorer", "checkpoint", "critic.addresses", "critic.arguments", "critic.timeout", "critic.max_outage")
"""Settings that may differ when a run is resumed: they change where and how long, not what is computed."""


def _no_news(record: logging.LogRecord) -> bool:
    """Tied weights are saved once, as they should be: no reason to warn at every checkpoint."""
    return not record.getMessage().startswith("[RANK 0] Removed shared tensor")


logging.getLogger("accelerate.utils.other").addFilter(_no_news)


class ResumeError(ConfigurationError):
    """A run cannot be resumed as asked; the text says why and what to do."""


@dataclass(frozen=True)
class Saved:
    """state.json of a checkpoint."""

    folder: Path
    state: RunState
    settings: dict[str, Any]
    questions: str
    """Fingerprint of the training questions."""
    random: dict[str, Any]


def save(
    folder: Path,
    accelerator: Accelerator,
    model: Any,
    tokenizer: Any,
    *,
    state: RunState,
    settings: TrainerSettings,
    questions: str,
    keep: int,
) -> Path:
    """Writes a checkpoint and removes the oldest beyond `keep`.

    Args:
        folder: Of all checkpoints.
        accelerator: With model and optimizer prepared.
        model: The model itself, for its configuration.
        tokenizer: Its tokenizer.
        state: Where the run stands.
        settings: Of the run.
        questions: Fingerprint of the training questions.
        keep: As in the settings.

    Returns:
        The checkpoint's folder.

    Raises:
        OSError: The disk is full or not writable; earlier checkpoints are untouched.
    """
    name = f"{PREFIX}{state.step:08d}"
    temporary = folder / f"{TEMPORARY}{name}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    model.config.save_pretrained(temporary)
    model.generation_config.save_pretrained(temporary)
    tokenizer.save_pretrained(temporary)
    accelerator.save_state(str(temporary))
    content = {
        "format": FORMAT,
        "state": state.to_json(),
        "settings": settings.model_dump(mode="json"),
        "questions": questions,
        "random": chance.capture(),
    }
    (temporary / "state.json").write_text(json.dumps(content), encoding="utf-8")
    put_in_place(temporary, folder / name)
    for old in _folders(folder)[:-keep]:
        shutil.rmtree(old)
    return folder / name


def put_in_place(temporary: Path, target: Path) -> None:
    """Makes a finished folder appear under its name, synced; one that is there already is replaced."""
    for path in [*temporary.rglob("*"), temporary]:
        _sync(path)
    if target.exists():  # rename cannot replace a folder that has files in it
        aside = target.with_name(f"{TEMPORARY}old-{target.name}")
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
        temporary.rename(target)
        shutil.rmtree(aside)
    else:
        temporary.rename(target)
    _sync(target.parent)


def latest(folder: Path) -> Saved | None:
    """The newest checkpoint, or None; what a crash left half written is removed.

    Raises:
        ResumeError: The newest one cannot be read.
    """
    if not folder.is_dir():
        return None
    for path in folder.glob(f"{TEMPORARY}*"):
        restored = path.with_name(path.name.removeprefix(f"{TEMPORARY}old-"))
        if path.name.startswith(f"{TEMPORARY}old-") and not restored.exists():
            path.rename(restored)  # the crash came between the two renames
        else:
            shutil.rmtree(path)
    folders = _folders(folder)
    return _read(folders[-1]) if folders else None


def load(saved: Saved, accelerator: Accelerator) -> None:
    """Puts weights, optimizer and random states back.

    Raises:
        ResumeError: They cannot be read.
    """
    try:
        accelerator.load_state(str(saved.folder))
        chance.restore(saved.random)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise ResumeError(f"{saved.folder}: the checkpoint cannot be loaded: {error}") from error


def check(saved: Saved, settings: TrainerSettings, questions: str) -> None:
    """Refuses to continue with something else.

    Raises:
        ResumeError: Settings or questions differ; names which.
    """
    before, now = _flat(saved.settings), _flat(settings.model_dump(mode="json"))
    free = FREE + (("steps",) if settings.optimizer.schedule == "constant" else ())
    changed = [
        f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key) and not any(key == name or key.startswith(f"{name}.") for name in free)
    ]
    if changed:
        raise ResumeError(
            f"--resume continues the same run, but {'; '.join(changed)}: set what it was, or choose another output_dir"
        )
    if questions != saved.questions:
        raise ResumeError(
            "--resume continues the same run, but the training questions have changed: restore them, or choose "
            "another output_dir"
        )


def _read(folder: Path) -> Saved:
    try:
        content = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, this version reads {FORMAT}")
        state = RunState.from_json(content["state"])
        return Saved(folder, state, content["settings"], content["questions"], content["random"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResumeError(
            f"{folder}: the checkpoint cannot be read: {error}; remove it to use the one before"
        ) from error


def _folders(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.glob(f"{PREFIX}*") if path.is_dir())


def _flat(settings: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict) and key != "columns":
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[before + key] = value
    return flat


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
