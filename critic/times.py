"""Where the time of a group goes."""

from collections import defaultdict
from collections.abc import Callable

from critic.metrics import PHASE_SECONDS


class Times:
    """Divides the time of one group among phases, each moment to one of them."""

    def __init__(self, clock: Callable[[], float], phase: str) -> None:
        """Args:
        clock: Seconds, never going back.
        phase: The first one.
        """
        self._clock = clock
        self._phase, self._since = phase, clock()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def enter(self, phase: str) -> None:
        """What follows belongs to this phase."""
        now = self._clock()
        self._seconds[self._phase] += now - self._since
        self._phase, self._since = phase, now

    def tell(self) -> None:
        """Counts each phase that there was, once, with all of its time until now."""
        self.enter(self._phase)
        for phase, seconds in self._seconds.items():
            PHASE_SECONDS.labels(phase).observe(seconds)
