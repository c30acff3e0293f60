"""The ways in which a scorer can be run, from most rights to none."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.system import containers
from tests.system.serving import Served, as_plain_user, serving

Mode = Callable[[Path], AbstractContextManager[Served]]
"""Starts a scorer that writes its log to a new file."""


def modes(codaserve: Path, image: str) -> dict[str, Mode]:
    """By name.

    Args:
        codaserve: The installed command.
        image: The container image; not needed for modes without one.
    """
    command: list[str | Path] = [codaserve, "scorer", "--port", "0"]
    return {
        "root": lambda log: serving(command, log),
        "plain user": lambda log: serving(as_plain_user(command), log),
        "container": lambda log: containers.container(image, [], log),
        "container with scratch": lambda log: _with_scratch(image, log),
    }


NAMES = ("root", "plain user", "container", "container with scratch")


@contextmanager
def _with_scratch(image: str, log: Path) -> Iterator[Served]:
    parent = log.with_suffix(".scratch")
    parent.mkdir()
    with containers.scratch_folders(parent, len(os.sched_getaffinity(0))) as folders:
        inside = [f"/scratch/{folder.name}" for folder in folders]
        with containers.container(image, ["--code.sandbox.scratch", ",".join(inside)], log, folders) as served:
            yield served
