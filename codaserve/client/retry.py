"""How long to wait before trying again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import grpc


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, and how long an outage is waited for. Times are seconds.

    Only what can help is tried again: a service that cannot be reached, is full or is stopping, and faults that the
    service calls retryable. A deadline that passed is not: the same deadline would pass again.

    Raises:
        ValueError: A field is out of its bounds.
    """

    initial_backoff: float = 0.1
    """Wait after the first failure in a row; above 0."""
    max_backoff: float = 5.0
    """Longest wait between two tries; at least initial_backoff."""
    multiplier: float = 2.0
    """Each further failure multiplies the wait by this; at least 1."""
    jitter: float = 0.5
    """Share of the wait that is random, in [0, 1], so that many clients do not come back at one moment."""
    max_outage: float = 30.0
    """How long services that are all away or full are waited for before items come back as failures; at least 0."""
    hedge_after: float | None = None
    """An item without an answer for so long is sent to another address too, and the first result counts: against
    stragglers, for some work done twice. Above 0; None: never."""

    def __post_init__(self) -> None:
        if not self.initial_backoff > 0:
            raise ValueError(f"initial_backoff is {self.initial_backoff}; it must be above 0 seconds")
        if not self.max_backoff >= self.initial_backoff:
            raise ValueError(f"max_backoff is {self.max_backoff}; it must be at least initial_backoff")
        if not self.multiplier >= 1:
            raise ValueError(f"multiplier is {self.multiplier}; it must be at least 1")
        if not 0 <= self.jitter <= 1:
            raise ValueError(f"jitter is {self.jitter}; it must be in [0, 1]")
        if not self.max_outage >= 0:
            raise ValueError(f"max_outage is {self.max_outage}; it must be at least 0 seconds")
        if self.hedge_after is not None and not self.hedge_after > 0:
            raise ValueError(f"hedge_after is {self.hedge_after}; it must be above 0 seconds, or None")

    def backoff(self, failures: int, random: Callable[[], float]) -> float:
        """Seconds to wait after `failures` failures in a row (at least 1); `random` gives numbers in [0, 1)."""
        exponent = min(failures - 1, 64)  # far past max_backoff for any useful multiplier, and no overflow
        longest = min(self.initial_backoff * self.multiplier**exponent, self.max_backoff)
        return longest * (1 - self.jitter * random())


def asked_delay(error: grpc.aio.AioRpcError) -> float | None:
    """Seconds after which the server that refused a call wants it again; None if it did not say."""
    for key, value in error.trailing_metadata() or ():
        if key == "retry-after-ms":
            with suppress(ValueError):
                return max(int(value) / 1000, 0.0)
    return None
