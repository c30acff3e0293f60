"""A process of a run: a fork of the template that closes the walls around itself, then runs what it was given."""

import _signal  # type: ignore[import-not-found]  # signal.signal makes enumerations of its numbers, each time
import builtins
import gc
import os
import sys
from _sitebuiltins import Quitter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from scorer.kernel import libc
from scorer.sandbox.guest import descriptors, frames, preload, walls
from scorer.sandbox.guest.limits import Limits

CONFINED = b"confined"
PROGRAM = 4


@dataclass(frozen=True)
class Role:
    """What one process of a run does.

    Attributes:
        main: Runs the payload and never returns; its other argument is `Limits.channel_bytes`.
        placed: Descriptors that become 0, 1, ...; None is /dev/null. The payload is at PROGRAM.
        confirm: The pipe on which the template learns that the walls are closed.
        beside: How many other processes the run is begun with.
        secret: What lets one execution through the filter of system calls, if the role needs one.
    """

    main: Callable[[bytes, int], NoReturn]
    placed: Sequence[int | None]
    confirm: int
    beside: int = 0
    secret: int | None = None


def enter(walled: walls.Walls, limits: Limits, template: int, role: Role) -> NoReturn:
    """Never returns."""
    gc.disable()  # until there is a program, whose garbage it is to find
    try:
        _signal.signal(_signal.SIGTERM, _signal.SIG_DFL)
        nothing = descriptors.move_up(os.open("/dev/null", os.O_RDWR)) if None in role.placed else -1
        for number, descriptor in enumerate(role.placed):
            os.dup2(nothing if descriptor is None else descriptor, number, inheritable=number < frames.CHANNEL)
        walls.close_around_this_process(walled, limits, template, role.beside, role.secret)
        os.write(role.confirm, CONFINED)
    except BaseException as error:  # noqa: BLE001 - reported, and nothing of the candidate has run
        os.write(role.confirm, f"{type(error).__name__}: {error}".encode()[:1024])
        os._exit(1)
    libc.close_from(len(role.placed))
    preload.begin_run()
    role.main(_read(PROGRAM), limits.channel_bytes)


def dress_up(folder: str) -> None:
    """Makes the template look to its runs like a program's interpreter; once, since each run would pay for it.

    Args:
        folder: The scratch folder of the runs.
    """
    for name in [name for name in sys.modules if name == "scorer" or name.startswith("scorer.")]:
        del sys.modules[name]
    os.environ.update({"HOME": folder, "TMPDIR": folder})
    os.environ.pop("LD_BIND_NOW", None)  # of the template alone
    sys.argv = ["program.py"]
    for name in ("exit", "quit"):  # the interpreter runs without the module that adds them
        setattr(builtins, name, Quitter(name, "Ctrl-D"))


def _read(descriptor: int) -> bytes:
    """All of a memory file."""
    left = os.fstat(descriptor).st_size
    parts = []
    while left:
        parts.append(os.read(descriptor, left))
        left -= len(parts[-1])
    os.close(descriptor)
    return b"".join(parts)
