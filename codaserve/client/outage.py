"""When no address serves, since when, and when to give up.

An outage begins when the last address that served fails, and ends with the next answer from any. Its length is that
of the whole service, not of one item: after `max_outage` everything that waits is given up together.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outage:
    """Told to `on_outage` when an outage begins and when it ends."""

    service: str
    """Full name of the gRPC service."""
    addresses: tuple[str, ...]
    """All of them failed."""
    started_at: float
    """Unix time of the beginning, seconds."""
    duration_seconds: float
    """0 at the beginning."""
    ended: bool
    """Whether an address serves again."""
    error: str
    """What the last failed address said."""


class OutageClock:
    """Follows which addresses fail. Refusals of a full service count too, but only unreachable ones are told."""

    def __init__(
        self,
        service: str,
        addresses: Sequence[str],
        max_outage: float,
        notify: Callable[[Outage], None] | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Args are those of the client; the clocks give seconds, `wall` Unix time."""
        self._service = service
        self._addresses = tuple(addresses)
        self._max_outage = max_outage
        self._notify = notify
        self._clock = clock
        self._wall = wall
        self._failing: set[str] = set()
        self._away_at: dict[str, float] = {}
        self._since: float | None = None
        self._told: Outage | None = None
        self.error = ""
        """What the last failed address said."""
        self.unreachable = False
        """Whether the last failed address could not be reached, rather than being full."""
        self.failures = 0
        """Times that an address could not be reached, or refused work."""

    @property
    def exhausted(self) -> bool:
        """Whether the outage has lasted as long as it is waited for. An address that is new is tried before."""
        away = self._since is not None and self._clock() - self._since >= self._max_outage
        return away and len(self._failing) >= len(self._addresses)

    @property
    def seconds_left(self) -> float | None:
        """Until `exhausted`; None outside of an outage."""
        return None if self._since is None else max(self._since + self._max_outage - self._clock(), 0.0)

    def replace(self, addresses: Sequence[str]) -> None:
        """Other addresses serve from now on. An outage ends when one of them answers."""
        self._addresses = tuple(addresses)
        self._failing &= set(addresses)
        self._away_at = {address: at for address, at in self._away_at.items() if address in self._addresses}

    def failed(self, address: str, error: str, *, unreachable: bool) -> None:
        """An address could not be reached, or refused work."""
        self.failures += 1
        self.error = f"{address}: {error}"
        self.unreachable = unreachable
        if address not in self._addresses:
            return  # it was told to leave
        self._failing.add(address)
        if unreachable:
            self._away_at[address] = self._clock()
        if len(self._failing) < len(self._addresses):
            return
        if self._since is None:
            self._since = self._clock()
        if unreachable and self._told is None:
            started = self._wall() - (self._clock() - self._since)
            self._told = Outage(self._service, self._addresses, started, 0.0, False, self.error)
            self._tell(self._told)

    def succeeded(self, address: str, asked_at: float) -> None:
        """An address answered a call made at `asked_at`.

        An answer that was still on its way when the address went down is no sign that it is back.
        """
        if asked_at <= self._away_at.get(address, float("-inf")):
            return
        self._failing.discard(address)
        if self._told is not None and self._since is not None:
            begun = self._told
            duration = self._clock() - self._since
            self._tell(Outage(self._service, self._addresses, begun.started_at, duration, True, self.error))
        self._since = None
        self._told = None

    def _tell(self, outage: Outage) -> None:
        if self._notify is None:
            return
        try:
            self._notify(outage)
        except Exception:  # an observer's fault must not lose results
            logger.exception("on_outage raised")
