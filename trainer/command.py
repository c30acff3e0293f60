"""How the commands begin that train."""

import logging
import os
from collections.abc import Sequence
from typing import TypeVar

from codaserve.settings import ProgramSettings, load_after_file

Settings = TypeVar("Settings", bound=ProgramSettings)
DONE, UNUSABLE, STOPPED, NO_SERVICE, DIVERGED, UNSAVED = 0, 2, 3, 4, 5, 6
"""Exit statuses: all steps done; settings, questions, model or output_dir cannot be used; stopped with a checkpoint
from which --resume continues; a scorer, critic or vLLM of the run's own did not start; the training diverged, and
nothing of that was saved; output_dir could not be written, its disk is full or fails: --resume goes on from the last
checkpoint. 130 when interrupted: likewise."""


def begin(model: type[Settings], argv: Sequence[str], *, prog: str) -> Settings:
    """Reads `[config.yaml] [--key value ...]` and keeps the libraries from writing between our lines.

    Raises:
        ConfigurationError: The configuration cannot be used.
    """
    settings = load_after_file(model, argv, prog=prog)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # services are forked after the tokenizer was used
    # torch is not imported for --help or a mistake in the configuration
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # its bars for loading and saving would break up ours
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    return settings
