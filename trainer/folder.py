"""The folder of a run: claimed by one process, never written over by another run."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codaserve.files import write_atomically
from codaserve.settings import ConfigurationError
from trainer import checkpoint
from trainer.checkpoint import Saved
from trainer.settings import TrainerSettings

RECORD = "settings.json"
"""Marks a folder as that of a run."""


@contextmanager
def claimed(settings: TrainerSettings) -> Iterator[Saved | None]:
    """Holds output_dir for the time of a run, and gives the checkpoint to resume from, if any.

    A run that was stopped before its first checkpoint resumes from its beginning.

    Raises:
        ConfigurationError: The folder has a run and `resume` is not set, or has none and it is, has files of somebody
            else that the run would write over, cannot be written, or is in use.
    """
    folder = settings.output_dir
    used = (folder / RECORD).exists()
    if settings.resume and not used:
        raise ConfigurationError(f"output_dir: {folder} has no run to resume; leave out --resume to start one")
    if used and not settings.resume:
        raise ConfigurationError(f"output_dir: {folder} has a run already; continue it with --resume or choose another")
    if (folder / "model").resolve() == Path(settings.model.path).resolve():
        raise ConfigurationError(
            f"output_dir: the trained policy would replace model.path {settings.model.path}; choose another output_dir"
        )
    if not used:
        _refuse_foreign(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("w")
    except OSError as error:
        raise ConfigurationError(f"output_dir: {folder} cannot be written: {error}") from error
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"output_dir: {folder} is in use by another process") from None
        yield checkpoint.latest(checkpoints(folder))


def _refuse_foreign(folder: Path) -> None:
    """A run that did not start leaves empty metrics; everything else that a run writes over is not ours."""
    for name in ("model", "checkpoints", "metrics.jsonl", "questions.jsonl", "samples.jsonl"):
        path = folder / name
        if path.is_dir() or (path.exists() and path.stat().st_size):
            raise ConfigurationError(
                f"output_dir: {folder} is not the folder of a run and has {name}, which would be written over; choose "
                "another output_dir"
            )


def record(settings: TrainerSettings) -> None:
    """Marks the folder as that of a run; called when nothing but the training itself can fail any more."""
    write_atomically(settings.output_dir / RECORD, settings.model_dump_json(indent=2) + "\n")


def checkpoints(folder: Path) -> Path:
    """Where a run's checkpoints are."""
    return folder / "checkpoints"
