"""The bound of a server's queue.

Whatever is admitted is worked on; whatever does not fit is refused at once with a hint of when to come back, since a
queue that grows only turns overload into deadlines missed by everybody. The hint is the time that the recent rate of
completion needs to make room.
"""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 64
"""Completions that the rate is measured over: enough to smooth single slow items, few enough to follow a change."""
SHORTEST_HINT_MS = 50
"""Below this, refused clients would spend the server's time on being refused."""
LONGEST_HINT_MS = 10_000
"""Above this, a rate measured during one slow item would keep clients away from an idle server."""
UNKNOWN_HINT_MS = 1_000
"""Given before anything was completed."""


class Admission:
    """Counts the items that are waiting or being worked on, up to a bound. Not thread-safe."""

    def __init__(self, size: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Args:
        size: Items that may be inside at one time, at least 1.
        clock: Seconds, never going back.
        """
        if size < 1:
            raise ValueError(f"size is {size}; a queue needs room for at least 1 item")
        self.size = size
        self._clock = clock
        self._depth = 0
        self._completions: deque[tuple[float, int]] = deque(maxlen=WINDOW)

    @property
    def depth(self) -> int:
        """Items inside now."""
        return self._depth

    def try_admit(self, n: int = 1) -> bool:
        """Takes all of `n` items or none. A batch larger than `size` is never taken."""
        if n < 0:
            raise ValueError(f"cannot admit {n} items")
        if self._depth + n > self.size:
            return False
        self._depth += n
        return True

    def release(self, n: int = 1) -> None:
        """Gives back the room of `n` admitted items, whatever became of them.

        Raises:
            ValueError: More is given back than was taken.
        """
        if not 0 <= n <= self._depth:
            raise ValueError(f"cannot release {n} items of {self._depth}")
        self._depth -= n
        self._completions.append((self._clock(), n))

    def withdraw(self, n: int) -> None:
        """Gives back the room of `n` items that were not begun, which tells nothing about the rate."""
        self._depth -= n

    def retry_after_ms(self, n: int = 1) -> int:
        """Milliseconds after which `n` items will probably fit."""
        missing = max(self._depth + n - self.size, 1)
        if len(self._completions) < 2:
            return UNKNOWN_HINT_MS
        elapsed = self._clock() - self._completions[0][0]
        # The first entry only marks the beginning of the window; what it completed happened before.
        completed = sum(count for _, count in self._completions) - self._completions[0][1]
        if completed <= 0:
            return UNKNOWN_HINT_MS
        return round(min(max(1000 * missing * elapsed / completed, SHORTEST_HINT_MS), LONGEST_HINT_MS))
