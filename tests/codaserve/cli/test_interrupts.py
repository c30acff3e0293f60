"""An interrupt that Python loses comes again."""

import os
import signal
import time
import weakref

import pytest

from codaserve.cli.interrupts import interruptible


class Lost:
    """Is interrupted while a weak reference to it is called back, where exceptions are printed and forgotten."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_lost_interrupt_is_raised_again(number: int) -> None:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
    called: list[object] = []

    def back(reference: object) -> None:
        called.append(reference)
        os.kill(os.getpid(), number)
        time.sleep(5)  # in which it is raised, and lost

    lost = Lost()
    reference = weakref.ref(lost, back)
    with pytest.raises(KeyboardInterrupt), interruptible():
        del lost
        assert called == [reference]
        time.sleep(60)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert handlers == [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
