"""`codaserve train`."""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from codaserve.embedded import EmbeddedServiceError
from codaserve.settings import ConfigurationError, load
from trainer.settings import TrainerSettings

if TYPE_CHECKING:
    from trainer.report.reports import TrainReport

DONE, UNUSABLE, STOPPED, NO_SERVICE, DIVERGED, UNSAVED = 0, 2, 3, 4, 5, 6
"""Exit statuses: all steps done; settings, questions, model or output_dir cannot be used; stopped with a checkpoint
from which --resume continues; a scorer, critic or vLLM of the run's own did not start; the training diverged, and
nothing of that was saved; output_dir could not be written, its disk is full or fails: --resume goes on from the last
checkpoint. 130 when interrupted: likewise."""


def run(argv: list[str]) -> int:
    """Runs `codaserve train [config.yaml] [--key value ...]`.

    Args:
        argv: A YAML file first, if any, then keys; see --help.

    Returns:
        One of the exit statuses above.
    """
    arguments = list(argv)
    config = Path(arguments.pop(0)) if arguments and not arguments[0].startswith("-") else None
    try:
        settings = load(TrainerSettings, arguments, prog="codaserve train", config=config)
    except ConfigurationError as error:
        return _fail(str(error), UNUSABLE)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # services are forked after the tokenizer was used
    # torch is not imported for --help or a mistake in the configuration
    from transformers.utils.logging import disable_progress_bar

    from trainer.errors import DivergedError, PeerLostError, RunStoppedError
    from trainer.peers import leave

    disable_progress_bar()  # its bars for loading and saving would break up ours
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
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
