"""`codaserve`: finds the program that a command line names and runs it."""

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from codaserve import __version__
from codaserve.configuration import ConfigurationError


@dataclass(frozen=True)
class Command:
    """A program that can be run by name."""

    words: tuple[str, ...]
    """What the user types after `codaserve`."""
    module: str
    """Imported when the command is used; has `run(argv) -> int`."""
    extra: str
    """The optional dependencies of the package that it needs."""
    summary: str
    """For `codaserve --help`."""
    pass_words: int = 0
    """How many of the words, from the right, the program itself wants to see first in its arguments."""


COMMANDS = (
    Command(("scorer",), "scorer.main", "scorer", "serve verification of math answers and of code"),
    Command(("critic", "collect"), "trainer.collect.main", "trainer", "collect Monte-Carlo values of a policy's steps"),
    Command(("critic", "train"), "critic.main", "critic", "train a critic from labelled steps", pass_words=1),
    Command(("critic", "import"), "critic.main", "critic", "make a critic of a public step model", pass_words=1),
    Command(("critic", "value"), "codaserve.cli.critic_value", "cli", "value the steps of answers in a JSONL file"),
    Command(("critic",), "critic.main", "critic", "serve values of half-written answers"),
    Command(("train",), "trainer.main", "trainer", "train a policy against a scorer and a critic"),
    Command(("report",), "codaserve.cli.report", "cli", "show training runs side by side on one page"),
    Command(("dapo",), "trainer.dapo.main", "demo", "train a policy on a critic's advantages, iteratively"),
    Command(("score",), "codaserve.cli.score", "cli", "score the answers in a JSONL file"),
    Command(("explain",), "codaserve.cli.explain", "scorer", "show how the scorer judges one math answer"),
    Command(("doctor",), "codaserve.cli.doctor", "cli", "attack a running scorer and see whether it holds"),
    Command(("health",), "codaserve.cli.health", "scorer", "ask a service whether it takes work"),
    Command(("check-tasks",), "codaserve.cli.check_tasks", "scorer", "find tasks in a file that cannot be scored"),
    Command(("demo",), "trainer.demo.main", "demo", "train a small policy on this machine and show the gain"),
)
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit status: 2 for a mistake in it, 130 when interrupted."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # its notes on closed connections would break up the progress bar
    try:
        status = _dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone. Python would try to flush it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print(f"codaserve {__version__}")
        return 0
    command = _find(arguments)
    if command is None:
        print(f"codaserve: unknown command {arguments[0]!r}; see codaserve --help", file=sys.stderr)
        return 2
    return _run(command, arguments[len(command.words) - command.pass_words :])


def _find(arguments: Sequence[str]) -> Command | None:
    matching = (command for command in COMMANDS if command.words == tuple(arguments[: len(command.words)]))
    return max(matching, key=lambda command: len(command.words), default=None)


def _run(command: Command, arguments: list[str]) -> int:
    try:
        program = importlib.import_module(command.module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] in ("codaserve", "critic", "scorer", "trainer"):
            raise  # ours are always installed: this is a fault, not a missing extra
        name = " ".join(command.words)
        print(
            f"codaserve {name}: the package {error.name!r} is missing; pip install 'codaserve[{command.extra}]'",
            file=sys.stderr,
        )
        return 2
    try:
        return int(program.run(arguments))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2


def _help() -> str:
    width = max(len(" ".join(command.words)) for command in COMMANDS)
    lines = [f"  {' '.join(command.words):{width}}  {command.summary}" for command in COMMANDS]
    return "\n".join(
        [
            "usage: codaserve COMMAND ...",
            "",
            *lines,
            "",
            "codaserve COMMAND --help explains a command; codaserve --version prints the version.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
