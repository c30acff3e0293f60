"""The folder of a training run."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from codaserve.files import remove_leftovers
from critic.checkpoint import CheckpointError, check_replaceable, recover
from critic.training import states
from critic.training.errors import OutputError
from critic.training.optimize import TrainProgress
from critic.training.settings import TrainSettings

CHECKPOINT, REPORT, PICTURE = "checkpoint", "report.json", "reliability.svg"
METRICS = {"critic": "metrics.jsonl", "outcome_only": "metrics_outcome_only.jsonl"}
"""A line for each update, by the stage of the run."""


def check(output: Path, *, resume: bool) -> None:
    """Says before anything is written whether results can be.

    Raises:
        OutputError: They cannot, or there is nothing to resume.
    """
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output}: is a file; choose a folder")
    try:
        check_replaceable(output / CHECKPOINT)
        if resume and (output / REPORT).exists():
            raise OutputError(f"{output}: has a run that came to its end; leave out --resume to train again")
    except OutputError:
        raise
    except CheckpointError as error:
        raise OutputError(str(error)) from error
    except OSError as error:
        raise OutputError(f"{output}: cannot be written to: {error}") from error


def prepare(output: Path, *, resume: bool) -> None:
    """Makes the folder and, unless the run is to be resumed, removes what an earlier one left to resume from.

    Raises:
        OutputError: The folder cannot be written to.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        # Tried, since permissions alone do not tell: a file system may be read-only.
        with tempfile.TemporaryFile(dir=output):
            pass
        recover(output / CHECKPOINT)
        for name in (REPORT, PICTURE):
            remove_leftovers(output / name)
        if not resume:
            (output / REPORT).unlink(missing_ok=True)
            states.remove(output / states.FOLDER)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written to: {error}") from error


@contextmanager
def writing(place: Path, settings: TrainSettings) -> Iterator[None]:
    """Says what to do where a block fails to write in the middle of a run.

    Raises:
        OutputError: In place of OSError.
    """
    try:
        yield
    except OSError as error:
        again = "run again with --resume" if settings.save_every else "run again; --save-every keeps what was done"
        raise OutputError(f"{place}: cannot be written: {error.strerror or error}; make room and {again}") from error


class Metrics:
    """The file with a line for each update. A run that goes on replaces the lines of updates that it makes again."""

    def __init__(self, path: Path) -> None:
        """Args:
        path: The file, which is written over from the first update that is made.
        """
        self._path = path
        self._file: IO[str] | None = None

    def add(self, progress: TrainProgress) -> None:
        """Adds an update; the line can be read at once.

        Raises:
            OSError: It cannot be written.
        """
        if self._file is None:
            kept = self._before(progress.update)
            self._file = self._path.open("w", encoding="utf-8", buffering=1)
            self._file.writelines(kept)
        self._file.write(json.dumps(asdict(progress)) + "\n")

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()

    def _before(self, update: int) -> list[str]:
        if update == 1 or not self._path.exists():
            return []
        # The last line may be a part of one.
        lines = [line for line in self._path.read_text(encoding="utf-8").splitlines(True) if line.endswith("\n")]
        return [line for line in lines if json.loads(line)["update"] < update]
