"""How quick forward passes were of late, and what that tells about the next ones. Pure."""

from collections import deque
from statistics import median

RECENT = 64
"""Passes that times are estimated by."""
ENOUGH = 16
"""As many must there be."""
FULL = 0.5
"""Share of a pass's tokens from which on it tells how quickly a queue is worked off: a small pass may take as long as a
much larger one."""


class Pace:
    """Estimates from the recent passes of one engine."""

    def __init__(self, max_tokens: int) -> None:
        """`max_tokens`: Tokens of a full pass."""
        self._full = FULL * max_tokens
        self._seconds: deque[float] = deque(maxlen=RECENT)
        self._rates: deque[float] = deque(maxlen=RECENT)  # seconds for each token
        self._full_rates: deque[float] = deque(maxlen=RECENT)

    def ran(self, tokens: int, seconds: float) -> None:
        """Counts a pass."""
        self._seconds.append(seconds)
        self._rates.append(seconds / tokens)
        if tokens >= self._full:
            self._full_rates.append(seconds / tokens)

    def least(self, tokens: int) -> float:
        """Seconds that so many tokens take even in the quickest of these passes; 0 as long as they are few."""
        if len(self._seconds) < ENOUGH:
            return 0.0
        return max(min(self._seconds), tokens * min(self._rates))

    def expected(self, tokens: int) -> float:
        """Seconds until so many tokens that wait are done; 0 as long as few passes were full."""
        if len(self._full_rates) < ENOUGH:
            return 0.0
        return tokens * median(self._full_rates)
