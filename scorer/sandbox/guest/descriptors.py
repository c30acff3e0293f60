"""Keeping the template's descriptors out of the way of those that runs use."""

import fcntl
import os

_FIRST = 64


def move_up(descriptor: int) -> int:
    """The descriptor moved above the numbers at which a run finds its own, so that placing those closes none."""
    moved: int = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST)
    os.close(descriptor)
    return moved
