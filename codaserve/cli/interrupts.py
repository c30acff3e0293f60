"""Ctrl-C and SIGTERM end a command's work for certain.

Python raises KeyboardInterrupt wherever the main thread happens to be. In a callback of a weak reference or a finalizer
(https://docs.python.org/3/reference/datamodel.html#object.__del__) it is printed and lost, so it is raised again until
the work has ended.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AGAIN_SECONDS = 0.5


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises KeyboardInterrupt in the block upon SIGINT and SIGTERM, as often as it takes to leave it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where Python allows no signal handlers
        return

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
