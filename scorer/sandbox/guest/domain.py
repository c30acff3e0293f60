"""A slot without a pid namespace: two nested Landlock domains that no signal leaves, and a process in each.

The *keeper* is what the service starts. It enters a domain and forks the template, which enters one inside it; the
runs have theirs inside the template's. So what one of them sends to all processes reaches what is inside its own
domain and nothing else: the template ends everything that a run left, and the keeper everything that a template left.
"""

import contextlib
import os
import signal
import socket
from types import FrameType
from typing import NoReturn

from scorer.kernel import landlock, libc
from scorer.kernel.probe import fails_in_a_child


def enter(control: socket.socket, *, mounts: bool) -> bool:
    """Goes on as the template; the calling process becomes its keeper.

    Args:
        control: The socket to the service, which is the template's alone from now on.
        mounts: Whether the template has to mount.

    Returns:
        False, with nothing changed, where signals cannot be held back: then trees of processes cannot be ended.
    """
    if landlock.abi() < landlock.SCOPES_SIGNALS or fails_in_a_child(lambda: _close(mounts)) is not None:
        return False
    _close(mounts)
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, _end_the_others)
    pid = os.fork()
    if pid != 0:
        control.close()
        _keep(pid)
    signal.signal(signal.SIGTERM, _end_with_the_others)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGTERM)
    _close(mounts)
    return True


def signal_the_others(number: int = signal.SIGKILL) -> None:
    """Signals all processes inside the caller's domain but the caller, at once, however many they are.

    To be called only by a keeper, a template for which `enter` returned True, or the first process of a pid namespace.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):  # there is none, or none that may be reached
        os.kill(-1, number)


def _close(mounts: bool) -> None:
    """Enters a domain and makes sure that it holds."""
    landlock.scope_signals(mounts=mounts)
    try:
        os.kill(os.getppid(), 0)
    except PermissionError:
        return
    raise OSError("a Landlock domain was entered but a signal went out of it")


def _keep(template: int) -> NoReturn:
    """Waits for the end of the template, ends what it left, and ends as it did."""
    _, status = os.waitpid(template, 0)
    with contextlib.suppress(ChildProcessError):
        while True:
            signal_the_others()
            os.wait()
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _end_the_others(_: int, __: FrameType | None) -> None:
    signal_the_others()


def _end_with_the_others(_: int, __: FrameType | None) -> NoReturn:
    """The keeper is gone."""
    signal_the_others()
    os._exit(1)
