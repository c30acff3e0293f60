"""Which address gets the next items.

Among addresses that are not blocked and have room, the one with the smallest share of its window in use, in turn when
equal. A failed address is blocked for a backoff that grows while it goes on failing; when it ends, the next items are
its test.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codaserve.client.retry import RetryPolicy

FIRST_WINDOW = 16
"""Places at an address whose limits are not known yet."""


@dataclass(slots=True)
class _Address:
    name: str
    window: int = FIRST_WINDOW
    slow_weight: int = 1
    slow_together: int = 0
    in_flight: int = 0
    failures: int = 0
    blocked_until: float = float("-inf")
    last_used: int = 0


class Balancer:
    """Counts what is in flight to each address and remembers which failed."""

    def __init__(
        self,
        addresses: Sequence[str],
        policy: RetryPolicy,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        """`clock` gives seconds, `random` numbers in [0, 1)."""
        self._policy = policy
        self._clock = clock
        self._random = random
        self._addresses = {name: _Address(name) for name in addresses}
        self._turn = 0

    def pick(self, avoid: str | None = None) -> str | None:
        """The address for the next items, or None when each is blocked or full.

        Args:
            avoid: Taken only when every other address is blocked.
        """
        now = self._clock()
        open_ = [a for a in self._addresses.values() if a.blocked_until <= now]
        open_ = [a for a in open_ if a.name != avoid] or open_
        free = [a for a in open_ if a.in_flight < a.window]
        if not free:
            return None
        best = min(free, key=lambda a: (a.in_flight / a.window, a.last_used))
        return best.name

    def share(self, address: str) -> int:
        """How many places one call should take: half of the window, so that calls overlap."""
        return max(self._addresses[address].window // 2, 1)

    def slow_weight(self, address: str) -> int:
        """How many places an item takes that is not quick."""
        return self._addresses[address].slow_weight

    def slow_together(self, address: str) -> int:
        """How many items that are not quick one unary call takes, 0 if they are streamed."""
        return self._addresses[address].slow_together

    def room(self, address: str) -> int:
        """How many more places are free at an address."""
        a = self._addresses[address]
        return max(a.window - a.in_flight, 0)

    def set_window(self, address: str, window: int, slow_weight: int = 1, slow_together: int = 0) -> None:
        """Sets how many places there are, at least 1, how many of them a slow item takes, and `slow_together`."""
        self._addresses[address].window = max(window, 1)
        self._addresses[address].slow_weight = slow_weight
        self._addresses[address].slow_together = slow_together

    def sent(self, address: str, n: int) -> None:
        """Items that take `n` places are on their way."""
        self._turn += 1
        self._addresses[address].last_used = self._turn
        self._addresses[address].in_flight += n

    def returned(self, address: str, n: int) -> None:
        """Items that took `n` places were answered or lost."""
        self._addresses[address].in_flight -= n

    def failed(self, address: str, retry_after: float | None = None) -> None:
        """Blocks an address, for `retry_after` seconds if it asked for that."""
        a = self._addresses[address]
        now = self._clock()
        if a.blocked_until > now:
            return  # calls that were under way together fail together: that is one failure
        a.failures += 1
        wait = self._policy.backoff(a.failures, self._random)
        if retry_after is not None:
            # Jitter only adds: coming back before the time asked for is useless.
            wait = retry_after * (1 + self._policy.jitter * self._random())
        a.blocked_until = now + wait

    def succeeded(self, address: str) -> None:
        """An address answered: its next failure is the first again."""
        self._addresses[address].failures = 0

    def seconds_until_free(self) -> float | None:
        """Until the next blocked address is not; None when none is blocked."""
        now = self._clock()
        return min((a.blocked_until - now for a in self._addresses.values() if a.blocked_until > now), default=None)
