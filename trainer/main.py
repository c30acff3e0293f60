"""`codaserve train`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from codaserve.embedded import EmbeddedServiceError
from codaserve.settings import ConfigurationError
from trainer.command import DIVERGED, DONE, NO_SERVICE, STOPPED, UNSAVED, UNUSABLE, begin
from trainer.settings import TrainerSettings

if TYPE_CHECKING:
    from trainer.report.reports import TrainReport


def run(argv: list[str]) -> int:
    """Runs `codaserve train [config.yaml] [--key value ...]`.

    Args:
        argv: A YAML file first, if any, then keys; see --help.

    Returns:
        An exit status.
    """
    try:
        settings = begin(TrainerSettings, argv, prog="codaserve train")
    except ConfigurationError as error:
        return _fail(str(error), UNUSABLE)
    from trainer.errors import DivergedError, PeerLostError, RunStoppedError
    from trainer.peers import leave

    lost = False
    try:
        report = _train(settings)
        _say(f"done: {report.steps} steps, the trained policy is in {report.model_dir}")
        _say(f"to see the run: codaserve report {settings.output_dir}")
        return DONE
    except ConfigurationError as error:
        return _fail(f"codaserve train: {error}", UNUSABLE)
    except EmbeddedServiceError as error:
        return _fail(f"codaserve train: {error}", NO_SERVICE)
    except DivergedError as error:
        return _fail(f"codaserve train: stopped: {error}\n{_before(error.checkpoint)}", DIVERGED)
    except PeerLostError as error:
        lost = True
        return _fail(f"codaserve train: stopped: {error}\n{_before(error.checkpoint)}; continue by --resume", STOPPED)
    except RunStoppedError as error:
        if error.unsaved:
            before = _before(error.checkpoint)
            return _fail(f"codaserve train: stopped: {error}\nand not saved: {error.unsaved}\n{before}", UNSAVED)
        return _fail(
            f"codaserve train: stopped: {error}\n"
            f"the run was saved in {error.checkpoint}; continue it by the same command with --resume",
            STOPPED,
        )
    except OSError as error:
        return _fail(f"codaserve train: output_dir: {error}\nmake room, and continue with --resume", UNSAVED)
    finally:
        if not lost:
            leave()


def _train(settings: TrainerSettings) -> "TrainReport":
    if settings.objective.kind == "dapo":
        from trainer.dapo.console import OfflineConsole
        from trainer.dapo.train import train as train_offline

        if not _is_main():
            return train_offline(settings)
        with OfflineConsole(Console(stderr=False)) as offline:
            return train_offline(settings, observers=[offline])
    from trainer.loop import train
    from trainer.report.console import ConsoleReport

    if not _is_main():
        return train(settings)
    with ConsoleReport(Console(stderr=False), settings.steps) as console:
        return train(settings, observers=[console])


def _before(checkpoint: Path | None) -> str:
    return f"the last checkpoint before is {checkpoint}" if checkpoint else "there is no checkpoint before"


def _is_main() -> bool:
    """Whether this is the process that speaks for all of a run: launchers number them in RANK."""
    return os.environ.get("RANK", "0") == "0"


def _say(text: str) -> None:
    if _is_main():
        print(text)


def _fail(text: str, status: int) -> int:
    if _is_main():
        print(text, file=sys.stderr)
    return status
