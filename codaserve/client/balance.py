"""Which address gets the next items.

Among addresses that are not blocked and have room, the one with the smallest share of its window in use, in turn when
equal. A failed address is blocked for a backoff that grows while it goes on failing.

Circuit breaking: when the block of an address that could not be reached ends, one call is its test, and it gets no
other before that one has shown that it is back. Outlier ejection: an address that has brought nothing but faults and
passed deadlines `EJECT_AFTER` times in a row is blocked as well while there is another one; on its return it is tested
the same way.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codaserve.client.retry import RetryPolicy

FIRST_WINDOW = 16
"""Places at an address whose limits are not known yet."""
EJECT_AFTER = 5
"""Faults in a row; as many as Envoy takes by default. One bad item alone makes fewer (`run.FAULTS`)."""


@dataclass(slots=True)
class _Address:
    name: str
    window: int = FIRST_WINDOW
    slow_weight: int = 1
    slow_together: int = 0
    in_flight: int = 0
    failures: int = 0
    faults: int = 0
    broken: bool = False
    """Only one call at a time, until one succeeds."""
    tested: bool = False
    """That call is under way."""
    blocked_until: float = float("-inf")
    last_used: int = 0


class Balancer:
    """Counts what is in flight to each address and remembers which failed."""

    def __init__(
        self,
        addresses: Sequence[str],
        policy: RetryPolicy,
        *,
        max_in_flight: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        """`max_in_flight` bounds the items at all addresses; `clock` gives seconds, `random` numbers in [0, 1)."""
        self._policy = policy
        self._clock = clock
        self._random = random
        self._addresses = {name: _Address(name) for name in addresses}
        self._leaving: dict[str, _Address] = {}
        self._turn = 0
        self._most_items = max_in_flight or sys.maxsize
        self._items = 0
        self.setbacks = 0
        """Times that an address failed, was faulty, or was replaced: whoever waits must look how long to now."""

    def replace(self, addresses: Sequence[str]) -> None:
        """Other addresses are there from now on. One that is gone gets nothing more; what is in flight may end."""
        self.setbacks += 1
        before = self._leaving | self._addresses
        self._addresses = {name: before.pop(name, _Address(name)) for name in addresses}
        self._leaving = {name: a for name, a in before.items() if a.in_flight}

    @property
    def items_left(self) -> int:
        """How many more items may be in flight."""
        return self._most_items - self._items

    @property
    def items_share(self) -> int:
        """How many items one call should take at most: half of what may be in flight, so that calls overlap."""
        return max(self._most_items // 2, 1)

    @property
    def testing(self) -> bool:
        """Whether a call is under way that may show an address to be back."""
        return any(a.tested for a in self._addresses.values())

    def pick(self, avoid: str | None = None) -> str | None:
        """The address for the next items, or None when each is blocked or full.

        Args:
            avoid: Taken only when every other address is blocked.
        """
        now = self._clock()
        open_ = [a for a in self._addresses.values() if a.blocked_until <= now and not a.tested]
        open_ = [a for a in open_ if a.name != avoid] or open_
        free = [a for a in open_ if a.in_flight < a.window]
        if not free:
            return None
        best = min(free, key=lambda a: (a.in_flight / a.window, a.last_used))
        return best.name

    def share(self, address: str) -> int:
        """How many places one call should take: half of the window, so that calls overlap."""
        return max(self._of(address).window // 2, 1)

    def slow_weight(self, address: str) -> int:
        """How many places an item takes that is not quick."""
        return self._of(address).slow_weight

    def slow_together(self, address: str) -> int:
        """How many items that are not quick one unary call takes, 0 if they are streamed."""
        return self._of(address).slow_together

    def room(self, address: str) -> int:
        """How many more places are free at an address."""
        a = self._of(address)
        return max(a.window - a.in_flight, 0)

    def set_window(self, address: str, window: int, slow_weight: int = 1, slow_together: int = 0) -> None:
        """Sets how many places there are, at least 1, how many of them a slow item takes, and `slow_together`."""
        self._of(address).window = max(window, 1)
        self._of(address).slow_weight = slow_weight
        self._of(address).slow_together = slow_together

    def sent(self, address: str, n: int, items: int = 1) -> None:
        """A call with items that take `n` places is on its way."""
        self._turn += 1
        self._items += items
        a = self._of(address)
        a.last_used = self._turn
        a.in_flight += n
        a.tested = a.broken

    def returned(self, address: str, n: int, items: int = 1) -> None:
        """Items that took `n` places were answered or lost."""
        self._items -= items
        a = self._of(address)
        a.in_flight -= n
        if a.in_flight == 0:
            a.tested = False  # however the test ended

    def failed(self, address: str, retry_after: float | None = None, *, unreachable: bool = True) -> None:
        """Blocks an address, for `retry_after` seconds if it asked for that."""
        self.setbacks += 1
        a = self._of(address)
        now = self._clock()
        a.tested = False
        a.broken = a.broken or unreachable
        if a.blocked_until > now:
            return  # calls that were under way together fail together: that is one failure
        a.failures += 1
        wait = self._policy.backoff(a.failures, self._random)
        if retry_after is not None:
            # Jitter only adds: coming back before the time asked for is useless.
            wait = retry_after * (1 + self._policy.jitter * self._random())
        a.blocked_until = now + wait

    def faulted(self, address: str) -> None:
        """An address failed a call or an item, or let its deadline pass.

        The last one that can be used is not ejected, nor tested any longer: what waits would wait for one call at a
        time.
        """
        self.setbacks += 1
        a = self._of(address)
        now = self._clock()
        a.tested = False
        a.faults += 1
        if all(o.broken for o in self._addresses.values() if o is not a):
            a.broken = False
        elif a.faults >= EJECT_AFTER and a.blocked_until <= now:
            a.broken = True
            a.blocked_until = now + self._policy.max_backoff * (1 - self._policy.jitter * self._random())

    def reached(self, address: str) -> None:
        """An address that could not be reached said what it is, though it has judged nothing yet."""
        a = self._of(address)
        a.broken = a.broken and a.faults >= EJECT_AFTER
        a.tested = a.tested and a.broken

    def succeeded(self, address: str) -> None:
        """An address answered: its next failure is the first again."""
        a = self._of(address)
        a.failures = a.faults = 0
        a.broken = a.tested = False

    def seconds_until_free(self) -> float | None:
        """Until the next blocked address is not; None when none is blocked."""
        now = self._clock()
        return min((a.blocked_until - now for a in self._addresses.values() if a.blocked_until > now), default=None)

    def _of(self, address: str) -> _Address:
        return self._addresses.get(address) or self._leaving.get(address) or _Address(address)
