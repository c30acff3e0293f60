"""What is said of a service that a run asks: outages, failures, and the end of one that was started for it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from codaserve import Outage
from codaserve.embedded import EmbeddedService, log_tail
from trainer.errors import ServiceEndedError

MESSAGE_CHARACTERS = 500
"""Of what a service says of a failure."""


class Running(Protocol):
    """A service that was started for the run."""

    log: Path | None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        ...


@dataclass
class Neighbour:
    """A service that another process on this machine has started."""

    pid: int
    log: Path | None

    @property
    def alive(self) -> bool:
        """Whether it runs; one that has ended and was not looked for by its parent yet does not."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


@dataclass
class Watch:
    """Says what happens to one service, in words."""

    name: str
    max_outage: float
    on_event: Callable[[str], None]
    service: Running | None = None
    """Set when the service is our own child, or that of the main process on this machine."""
    waiting: int = 0
    """Items that were sent and have no answer yet."""
    _told: set[str] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def expect(self, more: int) -> None:
        """Counts items that are sent, or with a negative number answered; requests may be made side by side."""
        with self._lock:
            self.waiting += more

    def failure(self, code: str, message: str) -> None:
        """Says why an item has no answer, once for each code: the many of a batch mostly have one cause."""
        with self._lock:
            if code in self._told:
                return
            self._told.add(code)
        self.on_event(f"{self.name}: {code}, the first: {' '.join(message.split())[:MESSAGE_CHARACTERS]}")

    def check(self) -> None:
        """Looks whether what was started for this run still runs.

        Raises:
            ServiceEndedError: It does not.
        """
        if self.service is not None and not self.service.alive:
            own = self.service if isinstance(self.service, EmbeddedService) else None
            status = f" with status {own.process.returncode}" if own else ""
            raise ServiceEndedError(
                f"the {self.name} that was started for this run has ended{status}, {self.waiting} items have no answer"
                f"{log_tail(self.service.log)}"
            )

    def outage(self, outage: Outage) -> None:
        """For the client's `on_outage`."""
        if outage.ended:
            resent = f", {self.waiting} items were sent again" if self.waiting else ""
            self.on_event(f"{self.name} back after {outage.duration_seconds:.1f} s{resent}")
            return
        since = time.strftime("%H:%M:%S", time.localtime(outage.started_at))
        ended = "" if self.service is None or self.service.alive else "; the process that was started here has ended"
        self.on_event(
            f"{self.name} unreachable at {', '.join(outage.addresses)} since {since}, waiting up to "
            f"{self.max_outage:g} s with {self.waiting} items: {outage.error}{ended}"
        )
