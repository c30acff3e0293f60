"""`codaserve dapo`."""

import sys

from rich.console import Console

from codaserve.embedded import EmbeddedServiceError
from codaserve.settings import ConfigurationError
from trainer.command import DIVERGED, DONE, NO_SERVICE, STOPPED, UNSAVED, UNUSABLE, begin
from trainer.dapo.loop_settings import DapoLoopSettings


def run(argv: list[str]) -> int:
    """Runs `codaserve dapo [config.yaml] [--key value ...]`.

    Args:
        argv: A YAML file first, if any, then keys; see --help.

    Returns:
        An exit status of `codaserve train`; after any of them the same command goes on where this one was.
    """
    try:
        settings = begin(DapoLoopSettings, argv, prog="codaserve dapo")
    except ConfigurationError as error:
        return _fail(str(error), UNUSABLE)
    from critic.training.errors import TrainingError
    from trainer.dapo.iterate import iterate
    from trainer.errors import DivergedError, RunStoppedError

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
