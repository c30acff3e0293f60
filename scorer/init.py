"""The first process of a container: it has to reap what others leave behind, and it is immune to plain signals.

Where the service is that process, it forks: the parent stays the first process and only passes on signals and reaps,
the child is the service.
"""

import os
import signal
from collections.abc import Callable, Sequence

from scorer.kernel import libc

_below_own_init = False


def own_parents() -> Sequence[int]:
    """Pids of the processes above the service that belong to it."""
    return [os.getppid()] if _below_own_init else []


def run(service: Callable[[], int]) -> int:
    """Runs the service and returns its exit status, as a shell tells it; below an init of its own where needed."""
    global _below_own_init
    if os.getpid() != 1:
        return service()
    libc.prctl(libc.PR_SET_DUMPABLE, 0)  # it has the service's environment
    everything = signal.valid_signals()
    signal.pthread_sigmask(signal.SIG_BLOCK, everything)
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, everything)
        _below_own_init = True
        return service()
    while True:
        received = signal.sigwait(everything)
        if received != signal.SIGCHLD:
            os.kill(pid, received)
            continue
        status = _reap(pid)
        if status is not None:
            return status


def _reap(service: int) -> int | None:
    """Reaps all that ended; the service's exit status once it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == service:
            code = os.waitstatus_to_exitcode(status)
            found = code if code >= 0 else 128 - code
