"""Who waits for room at an address, the longest first.

Room that comes wakes one run; it takes what it can and wakes the next if there is room still. So an answer costs the
same however many calls of the client wait, and none is passed over for one that came later.
"""

from collections import OrderedDict
from typing import Protocol


class Waiting(Protocol):
    """What can wait in a line."""

    def wake(self) -> None:
        """Room may have come."""


class Line:
    """A round begins when room comes; in one, nobody is woken who looked already."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: OrderedDict[Waiting, int] = OrderedDict()
        self.round = 0

    def room_came(self) -> None:
        """Begins a round with the first."""
        self.round += 1
        self.wake_next()

    def wake_next(self) -> None:
        """Wakes the first who has not looked in this round, if there is one."""
        for waiting, looked in self._waiting.items():
            if looked != self.round:
                waiting.wake()
                return

    def join(self, waiting: Waiting, looked: int, *, first: bool) -> None:
        """Waits from now on. `looked`: the round in which it last did; `first`: in front of everybody."""
        self._waiting[waiting] = looked
        self._waiting.move_to_end(waiting, last=not first)

    def leave(self, waiting: Waiting) -> None:
        """Waits no longer."""
        self._waiting.pop(waiting, None)
