"""TensorBoard and Weights & Biases, written through accelerate's trackers."""

import importlib.util
import uuid
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from codaserve.files import write_atomically
from codaserve.settings import ConfigurationError
from trainer.report.metrics import batch_scalars
from trainer.report.reports import EvaluationReport, StepReport
from trainer.settings import TrackingSettings, TrainerSettings

WANDB_ID = ".wandb-id"
"""File in the folder of a run: under which id it is known there, so that a resumed run goes on with its curves."""


def check_installed(tracking: TrackingSettings) -> None:
    """Refuses trackers without their package; accelerate would leave them out without a word.

    Raises:
        ConfigurationError: A package is missing.
    """
    for name in tracking.trackers:
        if importlib.util.find_spec(name) is None:
            extra = "trainer" if name == "tensorboard" else name
            raise ConfigurationError(
                f"tracking.trackers: the package {name!r} is missing; pip install 'codaserve[{extra}]', or leave it out"
            )


class Trackers:
    """An observer that passes the scalars of a run on."""

    def __init__(self, accelerator: Accelerator, settings: TrainerSettings, *, step: int) -> None:
        """Starts the trackers.

        Args:
            accelerator: Made with `log_with` of the settings' trackers and a `logging_dir`.
            settings: Of the run.
            step: After which the run goes on; what TensorBoard has of later ones is hidden.

        Raises:
            ConfigurationError: A tracker does not start.
        """
        self._accelerator = accelerator
        tracking = settings.tracking
        options: dict[str, dict[str, Any]] = {}
        if "tensorboard" in tracking.trackers:
            options["tensorboard"] = {"purge_step": step + 1 if step else None}
        if "wandb" in tracking.trackers:
            options["wandb"] = _wandb_options(settings)
        try:
            accelerator.init_trackers(tracking.project, init_kwargs=options)
        except Exception as error:  # the libraries raise whatever their network and disk raise
            raise ConfigurationError(
                f"tracking.trackers: {', '.join(tracking.trackers)} cannot be started: {error}; leave out what does "
                "not work, or set tracking.offline for wandb without a network"
            ) from error

    def on_step(self, report: StepReport) -> None:
        """The numbers of both batches, the time and the retries."""
        values = _named("train", batch_scalars(report.batch) | {"learning_rate": report.learning_rate})
        if report.focused is not None:
            values |= _named("focused", batch_scalars(report.focused))
        values |= _named("seconds", report.timings) | _named("retries", report.retries)
        self._accelerator.log(values, step=report.step)

    def on_evaluation(self, report: EvaluationReport) -> None:
        """mean@k, pass@k and the levels."""
        scalars = {f"mean@{report.samples}": report.mean_at_k.value}
        scalars |= {f"pass@{k}": estimate.value for k, estimate in report.pass_at_k.items()}
        scalars |= {f"level {level}": estimate.value for level, estimate in report.levels.items()}
        self._accelerator.log(_named("evaluation", scalars), step=report.step)

    def on_event(self, text: str) -> None:
        """Events have no place there; they are in events.log."""

    def close(self) -> None:
        """Ends the trackers, without the processes of the accelerator: the run may go on with those."""
        for tracker in self._accelerator.trackers:
            tracker.finish()
        self._accelerator.trackers.clear()


def _named(prefix: str, scalars: dict[str, Any]) -> dict[str, float]:
    return {f"{prefix}/{name}": float(value) for name, value in scalars.items()}


def _wandb_options(settings: TrainerSettings) -> dict[str, Any]:
    import wandb

    folder = settings.output_dir
    return {
        "name": folder.name,
        "id": _wandb_id(folder),
        "resume": "allow",
        "dir": str(folder),
        "mode": "offline" if settings.tracking.offline else None,
        "config": settings.model_dump(mode="json"),
        # Our terminal is our own, and nobody wants to be asked for a login in the middle of a batch system.
        "settings": wandb.Settings(silent=True, console="off"),
    }


def _wandb_id(folder: Path) -> str:
    path = folder / WANDB_ID
    if not path.exists():
        write_atomically(path, uuid.uuid4().hex)
    return path.read_text(encoding="utf-8").strip()
