"""`codaserve dapo`."""

import os
import sys
from pathlib import Path

from rich.console import Console

from codaserve.embedded import EmbeddedServiceError
from codaserve.settings import ConfigurationError, load
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.main import DIVERGED, DONE, NO_SERVICE, STOPPED, UNSAVED, UNUSABLE


def run(argv: list[str]) -> int:
    """Runs `codaserve dapo [config.yaml] [--key value ...]`.

    Args:
        argv: A YAML file first, if any, then keys; see --help.

    Returns:
        An exit status of `codaserve train`; after any of them the same command goes on where this one was.
    """
    arguments = list(argv)
    config = Path(arguments.pop(0)) if arguments and not arguments[0].startswith("-") else None
    try:
        settings = load(DapoLoopSettings, arguments, prog="codaserve dapo", config=config)
    except ConfigurationError as error:
        return _fail(str(error), UNUSABLE)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # services are forked after the tokenizer was used
    # torch is not imported for --help or a mistake in the configuration
    from transformers.utils.logging import disable_progress_bar

    from critic.training.errors import TrainingError
    from trainer.dapo.iterate import iterate
    from trainer.errors import DivergedError, RunStoppedError

    disable_progress_bar()  # its bars for loading and saving would break up ours
    try:
        policy = iterate(settings, Console(soft_wrap=True))
    except ConfigurationError as error:
        return _fail(f"codaserve dapo: {error}", UNUSABLE)
    except EmbeddedServiceError as error:
        return _fail(f"codaserve dapo: {error}", NO_SERVICE)
    except (DivergedError, TrainingError) as error:
        return _fail(f"codaserve dapo: stopped: {error}", DIVERGED)
    except RunStoppedError as error:
        return _fail(f"codaserve dapo: stopped: {error}\nthe same command goes on from here", STOPPED)
    except OSError as error:
        return _fail(f"codaserve dapo: output: {error}\nmake room, and run the same command again", UNSAVED)
    print(f"done: {settings.iterations} iterations, the trained policy is in {policy}")
    return DONE


def _fail(text: str, status: int) -> int:
    print(text, file=sys.stderr)
    return status
