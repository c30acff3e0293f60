"""`codaserve critic import`: makes a checkpoint of a public process reward model."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from critic import public
from critic.checkpoint import CheckpointError
from critic.encode import Separator

EXAMPLES = """\
Qwen2.5-Math-PRM:       codaserve critic import FOLDER --output DIR --separator '<extra_0>'
Math-Shepherd:          codaserve critic import FOLDER --output DIR --separator ' ки' --after '\\n' --right + --wrong -
Trained by TRL's PRMTrainer with newlines between steps:  codaserve critic import FOLDER --output DIR

Such a model was trained to judge steps, not prompts: prompt_value and the first step's advantage mean little.
"""


def run(argv: Sequence[str]) -> int:
    """Runs the command line and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="codaserve critic import",
        description="Makes a critic's checkpoint of a public process reward model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="the model, in transformers' format with safetensors weights")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder of the checkpoint")
    parser.add_argument("--separator", default="", help="text that the model wants after each step; none by default")
    parser.add_argument("--after", default="", help=r"text between the separator and the next step; \n is a newline")
    parser.add_argument("--right", default="", help="token of a language model that says that a step is right")
    parser.add_argument("--wrong", default="", help="token that says that it is wrong")
    arguments = parser.parse_args(argv)
    if arguments.after and not arguments.separator:
        parser.error("--after goes with --separator")
    if bool(arguments.right) != bool(arguments.wrong):
        parser.error("--right and --wrong go together")
    after = arguments.after.replace("\\n", "\n")
    separator = Separator(arguments.separator, after) if arguments.separator else None
    try:
        critic = public.read(arguments.folder, separator, arguments.right, arguments.wrong)
        identity = critic.save(arguments.output)
    except (CheckpointError, OSError) as error:
        print(f"codaserve critic import: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.output}: checkpoint {identity}")
    return 0
