"""How much each client may ask for, apart from what the server has room for."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from codaserve.serving.access.client import Client, Quota
from codaserve.serving.refusal import Refused, Why

BURST_SECONDS = 1.0
"""A client that was quiet may ask for its rate's worth of this time at once."""
MANY = 4096
"""Clients that are remembered before those that were quiet for long are forgotten."""
QUIET_SECONDS = 60.0


@dataclass(slots=True)
class _Use:
    inside: int = 0
    owed: float = 0.0  # items beyond the rate, as of `at`
    at: float = 0.0


class Quotas:
    """Counts what each client has inside and how fast it asks. Not thread-safe."""

    def __init__(
        self, everybody: Quota | None = None, *, parts: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Args:
        everybody: Of clients without a quota of their own.
        parts: Into how many equal ones quotas are divided, of which one is granted here: at least one item in flight.
        clock: Seconds, never going back.
        """
        self._everybody = everybody or Quota()
        self._parts = parts
        self._clock = clock
        self._uses: dict[str, _Use] = {}

    def of(self, client: Client) -> Quota:
        """What a client may have here."""
        quota = client.quota or self._everybody
        if self._parts == 1:
            return quota
        items, rate = quota.items_in_flight, quota.items_per_second
        return Quota(
            None if items is None else max(items // self._parts, 1), None if rate is None else rate / self._parts
        )

    def take(self, client: Client, n: int) -> None:
        """Takes room for all of `n` items or none; to be given back.

        A batch larger than the rate's worth of a second is taken when nothing is owed, and then owed.

        Raises:
            Refused: EXHAUSTED when the quota is used up, INVALID when `n` can never fit.
        """
        quota = self.of(client)
        if quota.items_in_flight is None and quota.items_per_second is None:
            return
        most, rate = quota.items_in_flight, quota.items_per_second
        if most is not None and n > most:
            raise Refused(
                Why.INVALID, f"items: {n} items are more than this client's quota of {most} in flight; split the batch"
            )
        now = self._clock()
        use = self._use(client, now)
        if rate is not None:
            use.owed = max(use.owed - (now - use.at) * rate, 0.0)
            use.at = now
            if (over := use.owed - rate * BURST_SECONDS) >= 0:
                wait = max(math.ceil(1000 * over / rate), 1)
                raise Refused(
                    Why.EXHAUSTED,
                    f"this client's quota of {rate:g} items a second is used up; come back in {wait} ms",
                    retry_after_ms=wait,
                    reason="rate",
                )
        if most is not None and use.inside + n > most:
            raise Refused(
                Why.EXHAUSTED,
                f"this client's quota of {most} items in flight is used up; wait for answers",
                retry_after_ms=100,
                reason="quota",
            )
        use.at = now
        use.inside += n
        use.owed += n

    def give_back(self, client: Client, n: int) -> None:
        """Of `n` items that were taken, whatever became of them."""
        use = self._uses.get(client.name)
        if use is not None:
            use.inside = max(use.inside - n, 0)  # what was taken before the client had a quota was not counted

    def _use(self, client: Client, now: float) -> _Use:
        use = self._uses.get(client.name)
        if use is None:
            if len(self._uses) >= MANY:
                kept = {name: use for name, use in self._uses.items() if use.inside or now - use.at < QUIET_SECONDS}
                self._uses = kept
            use = self._uses[client.name] = _Use(at=now)
        return use
