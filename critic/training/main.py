"""`codaserve critic train`: the command line of `critic.training.train`."""

import os
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from codaserve.settings import ConfigurationError, load
from critic.checkpoint import CheckpointError
from critic.training.data import DataError
from critic.training.optimize import TrainingError, TrainProgress
from critic.training.settings import TrainSettings
from critic.training.train import OutputError, TrainReport, train


def run(argv: Sequence[str]) -> int:
    """Trains, shows progress on standard error and the report on standard output; returns the exit status.

    Raises:
        ConfigurationError: A setting, the data or the base cannot be used.
    """
    settings = load(TrainSettings, argv, prog="codaserve critic train")
    columns = (TextColumn("update"), MofNCompleteColumn(), BarColumn(), TextColumn("loss {task.fields[loss]:.4f}"))
    # Set by the launchers of several processes, of which one speaks for all.
    first = os.environ.get("RANK", "0") == "0"
    console = Console(stderr=True)
    try:
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not first) as progress:
            task = progress.add_task("train", total=None, loss=float("nan"))

            def show(update: TrainProgress) -> None:
                progress.update(task, completed=update.update, total=update.updates, loss=update.loss)

            report = train(settings, on_progress=show)
    except DataError as error:
        raise ConfigurationError(f"data: {error}") from error
    except OutputError as error:
        raise ConfigurationError(f"output: {error}") from error
    except CheckpointError as error:
        raise ConfigurationError(f"base: {error}") from error
    except TrainingError as error:
        console.print(f"codaserve critic train: {error}; no checkpoint was written", style="red")
        return 1
    if first:
        _print(report, Console())
    return 0


def _print(report: TrainReport, console: Console) -> None:
    console.print(
        f"trained on {report.boundaries} labelled boundaries of {report.solutions} solutions "
        f"in {report.updates} updates, {report.seconds:.0f} s"
    )
    if report.too_long:
        console.print(f"left out {report.too_long} solutions longer than max_tokens")
    if report.held_out is not None and report.constant is not None:
        table = Table("held out", "critic", "constant mean", title=f"{report.held_out.states} states of unseen prompts")
        for name in ("bce", "brier", "calibration_error", "auc"):
            table.add_row(name, *(_number(getattr(quality, name)) for quality in (report.held_out, report.constant)))
        console.print(table)
    console.print(f"checkpoint {report.identity} in {report.checkpoint}", soft_wrap=True)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
