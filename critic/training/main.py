"""`codaserve critic train`: the command line of `critic.training.train`."""

import os
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from codaserve.settings import ConfigurationError, load
from critic.checkpoint import CheckpointError
from critic.training import report
from critic.training.data import DataError
from critic.training.errors import OutputError, TrainingError
from critic.training.optimize import TrainProgress
from critic.training.report import TrainReport
from critic.training.settings import TrainSettings
from critic.training.train import train


def run(argv: Sequence[str]) -> int:
    """Trains, shows progress on standard error and the report on standard output; returns the exit status.

    Raises:
        ConfigurationError: A setting, the data or the base cannot be used.
    """
    settings = load(TrainSettings, argv, prog="codaserve critic train")
    console = Console(stderr=True)
    try:
        result = train_shown(settings, console)
    except TrainingError as error:
        console.print(f"codaserve critic train: {error}; no checkpoint was written", style="red")
        return 1
    if _speaks():
        report.show(result, Console())
    return 0


def train_shown(settings: TrainSettings, console: Console) -> TrainReport:
    """Trains with progress on a console.

    Raises:
        ConfigurationError: The data, the base or the output cannot be used.
        TrainingError: The loss or its gradient stopped being finite.
    """
    columns = (TextColumn("update"), MofNCompleteColumn(), BarColumn(), TextColumn("loss {task.fields[loss]:.4f}"))
    try:
        with Progress(
            *columns, TimeRemainingColumn(), console=console, transient=True, disable=not _speaks()
        ) as progress:
            task = progress.add_task("train", total=None, loss=float("nan"))

            def show(update: TrainProgress) -> None:
                progress.update(task, completed=update.update, total=update.updates, loss=update.loss)

            return train(settings, on_progress=show)
    except DataError as error:
        raise ConfigurationError(f"data: {error}") from error
    except OutputError as error:
        raise ConfigurationError(f"output: {error}") from error
    except CheckpointError as error:
        raise ConfigurationError(f"base: {error}") from error


def _speaks() -> bool:
    """Whether this is the process that speaks for all; the launchers of several processes set RANK."""
    return os.environ.get("RANK", "0") == "0"
