"""Where a step's time goes."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

PHASES = ("generation", "scoring", "critic", "update", "synchronisation")
"""generation: responses are being sampled, and those that are complete scored and valued meanwhile. scoring and critic:
nothing is left to do but to wait for the scorer, then for the critic. update: forward and backward passes and the
optimizer. synchronisation: the rollout servers are given the new weights."""


class Phases(Protocol):
    """What work goes through phase by phase."""

    def phase(self, name: str) -> AbstractContextManager[None]:
        """Around the work of one of `PHASES`."""
        ...


class Stopwatch:
    """Seconds by phase."""

    def __init__(self, before: dict[str, float] | None = None) -> None:
        """Goes on from the timings of an interrupted step, if any."""
        self._seconds = dict.fromkeys(PHASES, 0.0)
        before = before or {}
        self._seconds |= {phase: before.get(phase, 0.0) for phase in PHASES}
        self._earlier = before.get("total", 0.0)
        self._begin = time.perf_counter()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Counts the block's time for a phase, even when it raises."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += time.perf_counter() - begin

    def timings(self) -> dict[str, float]:
        """All phases, what is left over as "idle", and "total", which they add up to."""
        total = self._earlier + time.perf_counter() - self._begin
        return {**self._seconds, "idle": total - sum(self._seconds.values()), "total": total}
