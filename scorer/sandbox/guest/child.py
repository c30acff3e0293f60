"""The run: a fork of the template that closes the walls around itself, then runs what it was given."""

import builtins
import os
import random
import sys
from _sitebuiltins import Quitter
from typing import NoReturn

from scorer.kernel import libc
from scorer.sandbox.guest import frames, programs, root, walls
from scorer.sandbox.guest.limits import Limits

CONFINED = b"confined"
_PROGRAM = 4
_CHUNK = 1 << 20


def enter(walled: walls.Walls, limits: Limits, template: int, given: list[int], writers: list[int]) -> NoReturn:
    """Never returns. `given`: program and, for a program that reads it, standard input; `writers`: standard output,
    standard error, the frames' channel, and the pipe on which the template learns that the walls are closed."""
    confirm = writers[3]
    try:
        output, errors, channel, _ = writers
        source = given[1] if len(given) > 1 else os.open("/dev/null", os.O_RDONLY)
        for number, descriptor in enumerate((source, output, errors, channel, given[0])):
            os.dup2(descriptor, number, inheritable=number < frames.CHANNEL)
        walls.close_around_this_process(walled, limits, template)
        os.write(confirm, CONFINED)
    except BaseException as error:  # noqa: BLE001 - reported, and nothing of the candidate has run
        os.write(confirm, f"{type(error).__name__}: {error}".encode()[:1024])
        os._exit(1)
    libc.close_from(_PROGRAM + 1)
    _forget_the_service()
    programs.run(_read(_PROGRAM), limits.channel_bytes)


def _forget_the_service() -> None:
    for name in [name for name in sys.modules if name == "scorer" or name.startswith("scorer.")]:
        del sys.modules[name]
    os.environ.update({"HOME": root.SCRATCH, "TMPDIR": root.SCRATCH})
    sys.argv = ["program.py"]
    for name in ("exit", "quit"):  # the interpreter runs without the module that adds them
        setattr(builtins, name, Quitter(name, "Ctrl-D"))
    random.seed(0)  # equal programs get equal verdicts


def _read(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, _CHUNK):
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts)
