"""The bound of a server's queue.

Whatever is admitted is worked on; whatever does not fit is refused at once with a hint of when to come back, since a
queue that grows only turns overload into deadlines missed by everybody. The hint is the time that the recent rate of
completion needs to make room.

One client alone may fill the queue. As soon as others are there, who has more than an equal share is taken only up to
three quarters of the queue, so that there is always room for those who have less.
"""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable

WINDOW = 64
"""Completions that the rate is measured over: enough to smooth single slow items, few enough to follow a change."""
SHORTEST_HINT_MS = 50
"""Below this, refused clients would spend the server's time on being refused."""
LONGEST_HINT_MS = 10_000
"""Above this, a rate measured during one slow item would keep clients away from an idle server."""
UNKNOWN_HINT_MS = 1_000
"""Given before anything was completed."""
WANTING_SECONDS = 10.0
"""How long a client that was refused counts among those who share the queue."""
MOST_REFUSED = 64
"""So many are remembered."""
FOR_ALL = 0.75
"""Share of the queue that is open to those who have more than their share of it."""


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
        self._inside: Counter[str] = Counter()
        self._refused: OrderedDict[str, float] = OrderedDict()  # clients and when, the last one last
        self._completions: deque[tuple[float, int]] = deque(maxlen=WINDOW)

    @property
    def depth(self) -> int:
        """Items inside now."""
        return self._depth

    def try_admit(self, n: int = 1, client: str = "") -> bool:
        """Takes all of `n` items of a client or none. A batch larger than `size` is never taken."""
        if n < 0:
            raise ValueError(f"cannot admit {n} items")
        sharing = self._sharing(client)
        room = self.size
        if sharing > 1 and self._inside[client] and self._inside[client] + n > self.size / sharing:
            room = int(self.size * FOR_ALL)
        self._refused.pop(client, None)
        if self._depth + n > room:
            self._refused[client] = self._clock()
            if len(self._refused) > MOST_REFUSED:
                self._refused.popitem(last=False)
            return False
        self._depth += n
        self._inside[client] += n
        return True

    def _sharing(self, client: str) -> int:
        """How many clients share the queue, this one among them: those with items inside, and those without that were
        refused of late."""
        if self._refused:
            now = self._clock()
            while self._refused and now - next(iter(self._refused.values())) > WANTING_SECONDS:
                self._refused.popitem(last=False)
        outside = sum(1 for other in self._refused if other not in self._inside and other != client)
        return len(self._inside) + outside + (client not in self._inside)

    def _leave(self, n: int, client: str) -> None:
        self._depth -= n
        self._inside[client] -= n
        if not self._inside[client]:
            del self._inside[client]

    def release(self, n: int = 1, client: str = "") -> None:
        """Gives back the room of `n` admitted items of a client, whatever became of them.

        Raises:
            ValueError: More is given back than was taken.
        """
        if not 0 <= n <= self._inside[client]:
            raise ValueError(f"cannot release {n} items of {self._inside[client]}")
        self._leave(n, client)
        self._completions.append((self._clock(), n))

    def withdraw(self, n: int, client: str = "") -> None:
        """Gives back the room of `n` items that were not begun, which tells nothing about the rate."""
        self._leave(n, client)

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
