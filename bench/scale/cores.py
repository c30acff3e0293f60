"""Processes on cores of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def cores(replicas: int) -> tuple[int, list[int]]:
    """The client's core and those of replicas, in turn where there are fewer; all the same on one core."""
    own = sorted(os.sched_getaffinity(0))
    others = own[1:] or own
    return own[0], [others[index % len(others)] for index in range(replicas)]


@contextmanager
def on(core: int) -> Iterator[None]:
    """Threads and processes that are started meanwhile stay on a core; the caller is on it only until the end."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
