"""Checkpoints: a folder each, complete or absent.

A checkpoint is written into a temporary folder beside its place, every file is synced, and the folder is renamed: a
crash at any moment leaves the checkpoints before it as they were. It is a policy folder as save_pretrained writes it,
with the optimizer, the random states and state.json added.
"""

import json
import logging
import pickle
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from safetensors import SafetensorError

from codaserve.files import sync
from codaserve.settings import ConfigurationError
from trainer import chance
from trainer.errors import SaveError
from trainer.peers import ALONE, Peers
from trainer.settings import ModelSettings, TrainerSettings
from trainer.sharding import Collected, is_sharded, restore_optimizer
from trainer.state import RunState

PREFIX = "step-"
TEMPORARY = ".writing-"
FORMAT = 2
"""Of state.json."""
FREE = (
    *("resume", "output_dir", "scorer", "checkpoint", "tracking", "rollout.batch_size", "rollout.vllm"),
    *("objective.micro_batch_tokens", "model.gradient_checkpointing"),
    *("critic.addresses", "critic.arguments", "critic.timeout", "critic.max_outage", "critic.access"),
    "processes",
)
"""Settings that may differ when a run is resumed: they change where, how fast and how long, not what is computed."""
PATHS = ("model.path", "tasks.file", "evaluate.file", "critic.checkpoint", "dapo.data")
"""Settings that are the same when they name the same place, however it is written."""


def _no_news(record: logging.LogRecord) -> bool:
    """Tied weights are saved once, as they should be: no reason to warn at every checkpoint."""
    return not record.getMessage().startswith("[RANK 0] Removed shared tensor")


logging.getLogger("accelerate.utils.other").addFilter(_no_news)


UNREADABLE = (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError, SafetensorError)
"""What the libraries raise for a damaged file."""


class ResumeError(ConfigurationError):
    """A run cannot be resumed as asked; the text says why and what to do."""


@dataclass(frozen=True)
class Saved:
    """state.json of a checkpoint."""

    folder: Path
    state: RunState
    settings: dict[str, Any]
    questions: dict[str, str]
    """Fingerprints of the training and the held-out questions."""
    random: dict[str, Any]
    random_of_others: list[dict[str, Any]] = field(default_factory=list)
    """Of the other processes of the run, if it had several."""


def save(
    folder: Path,
    accelerator: Accelerator,
    model: Any,
    tokenizer: Any,
    *,
    state: RunState,
    settings: TrainerSettings,
    questions: dict[str, str],
    keep: int,
    others: Sequence[dict[str, Any]] = (),
    collected: Collected | None = None,
) -> Path:
    """Writes a checkpoint and removes the oldest beyond `keep`.

    Args:
        folder: Of all checkpoints.
        accelerator: With model and optimizer prepared.
        model: The model itself, for its configuration.
        tokenizer: Its tokenizer.
        state: Where the run stands.
        settings: Of the run.
        questions: Fingerprints of the questions, by what they are for.
        keep: As in the settings.
        others: Random states of the other processes of the run.
        collected: Weights and optimizer of a model that is cut over the processes.

    Returns:
        The checkpoint's folder.

    Raises:
        SaveError: The disk is full or not writable; earlier checkpoints are untouched.
    """
    name = f"{PREFIX}{state.step:08d}"
    temporary = folder / f"{TEMPORARY}{name}"
    with written(temporary):
        if not settings.model.lora.rank:  # else it is no policy's folder but that of additions to one
            model.config.save_pretrained(temporary)
            model.generation_config.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        if collected is None:
            accelerator.save_state(str(temporary))
        else:
            collected.write(model, temporary)
        content = {
            "format": FORMAT,
            "state": state.to_json(),
            "settings": settings.model_dump(mode="json"),
            "questions": questions,
            "random": chance.capture(),
            "random_of_others": list(others),
        }
        (temporary / "state.json").write_text(json.dumps(content), encoding="utf-8")
        put_in_place(temporary, folder / name)
        _prune(folder, keep)
    return folder / name


def _prune(folder: Path, keep: int) -> None:
    for old in _folders(folder)[:-keep]:
        leaving = old.with_name(f"{TEMPORARY}removed-{old.name}")  # a crash leaves no half of one under its name
        old.rename(leaving)
        shutil.rmtree(leaving)


@contextmanager
def written(temporary: Path) -> Iterator[None]:
    """Makes an empty folder to write into and move away; it is gone when writing fails.

    Raises:
        SaveError: It cannot be written.
    """
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        yield
    except (OSError, RuntimeError, SafetensorError) as error:  # torch and safetensors have their own for a full disk
        shutil.rmtree(temporary, ignore_errors=True)
        raise SaveError(f"{temporary.parent} cannot be written: {error}{_room(temporary.parent)}") from error


def _room(folder: Path) -> str:
    try:
        return f"; its disk has {shutil.disk_usage(folder).free / 2**20:.0f} MiB left"
    except OSError:
        return ""


def put_in_place(temporary: Path, target: Path) -> None:
    """Makes a finished folder appear under its name, synced; one that is there already is replaced."""
    for path in [*temporary.rglob("*"), temporary]:
        sync(path)
    if target.exists():  # rename cannot replace a folder that has files in it
        aside = target.with_name(f"{TEMPORARY}old-{target.name}")
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
        temporary.rename(target)
        shutil.rmtree(aside)
    else:
        temporary.rename(target)
    sync(target.parent)


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


def newest(folder: Path) -> Path | None:
    """The newest checkpoint's folder, or None."""
    folders = _folders(folder)
    return folders[-1] if folders else None


def load(
    saved: Saved,
    accelerator: Accelerator,
    *,
    keep: int,
    peers: Peers = ALONE,
    model: Any = None,
    optimizer: Any = None,
) -> None:
    """Puts weights, optimizer and random states back, in every process.

    A run may go on with another number of processes: those that the checkpoint knows nothing of keep their random
    states. Also removes the oldest checkpoints beyond `keep`, of which a crash may have left one too many.

    Args:
        saved: The checkpoint.
        accelerator: With model and optimizer prepared.
        keep: As in the settings.
        peers: All processes of the run.
        model: One that is cut over the processes, and made of the checkpoint's weights; None if it is not cut.
        optimizer: Its optimizer.

    Raises:
        ResumeError: They cannot be read.
    """
    try:
        if is_sharded(model):
            restore_optimizer(model, optimizer, saved.folder)
        else:
            accelerator.load_state(str(saved.folder))
        states = [saved.random, *saved.random_of_others]
        if peers.index < len(states):
            chance.restore(states[peers.index])
    except (*UNREADABLE, pickle.UnpicklingError) as error:
        raise unloadable(saved.folder, error) from error
    if peers.main:
        _prune(saved.folder.parent, keep)


def unloadable(folder: Path, error: Exception) -> ResumeError:
    """What to say of a checkpoint that is damaged."""
    reason = str(error) or type(error).__name__
    return ResumeError(f"{folder}: the checkpoint cannot be loaded: {reason}; remove it to use the one before")


def check(saved: Saved, settings: TrainerSettings, questions: dict[str, str]) -> None:
    """Refuses to continue with something else.

    Raises:
        ResumeError: Settings or questions differ; names which.
    """
    before, now = _defaults() | _flat(saved.settings), _flat(settings.model_dump(mode="json"))
    free = FREE + (("steps",) if settings.optimizer.schedule == "constant" else ())
    changed = [
        f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
        for key in sorted(before.keys() | now.keys())
        if not _same(key, before.get(key), now.get(key))
        and not any(key == name or key.startswith(f"{name}.") for name in free)
    ]
    if changed:
        raise ResumeError(
            f"--resume continues the same run, but {'; '.join(changed)}: set what it was, or choose another output_dir"
        )
    for purpose, digest in questions.items():
        if digest != saved.questions.get(purpose):
            raise ResumeError(
                f"--resume continues the same run, but the {purpose} questions have changed: restore them, or choose "
                "another output_dir"
            )


def _same(key: str, before: Any, now: Any) -> bool:
    if key in PATHS and isinstance(before, str) and isinstance(now, str):
        return Path(before).resolve() == Path(now).resolve()
    if key == "rewards":  # who scores a part may differ, as for the main scorer
        before, now = ([{**part, "addresses": []} for part in parts] for parts in (before, now))
    return bool(before == now)


def _defaults() -> dict[str, Any]:
    """Of a key that is newer than a run, its default is what the run had."""
    model = ModelSettings.model_construct(path="")
    return _flat(TrainerSettings.model_construct(output_dir=Path(), model=model).model_dump(mode="json"))


def _read(folder: Path) -> Saved:
    try:
        content = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, this version reads {FORMAT}")
        state = RunState.from_json(content["state"])
        others = content.get("random_of_others", [])
        return Saved(folder, state, content["settings"], content["questions"], content["random"], others)
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
