"""Processor time of processes that nobody waits for: with SIGCHLD ignored the kernel adds it to nobody's."""

import os
from collections.abc import Iterable, Mapping

_ROUNDED_SECONDS = 0.02  # what the kernel's two counters for a process's children may lack


class Unwaited:
    """Compares what was seen of processes that are gone with what their parents have of them."""

    def __init__(self, pids: Iterable[int]) -> None:
        """Begins with the first processes of a run."""
        self._own = dict.fromkeys(pids, 0.0)
        self._gone = 0.0
        self._estimate = 0.0
        self._hidden = False
        self._processors = len(os.sched_getaffinity(0))

    def seconds(self, own: Mapping[int, float], of_ended: float, elapsed: float) -> float:
        """To be called with what each look has found.

        A run that hides some is billed, from its begin on, for each process that a look finds for the first time as if
        it and its like had been running since the look before, as far as there are processors.

        Args:
            own: Processor seconds of each process that is there, without those of its children.
            of_ended: Seconds of ended processes, as their parents have it.
            elapsed: Seconds since the last look.

        Returns:
            An estimate of all seconds; 0 if none are known to be hidden.
        """
        before = self._own
        # What ended before the last look was taken over before this one.
        if self._gone - of_ended > _ROUNDED_SECONDS * len(own):
            self._hidden = True
        self._gone += sum(spent for pid, spent in before.items() if pid not in own)
        self._estimate += sum(max(0.0, spent - before[pid]) for pid, spent in own.items() if pid in before)
        self._estimate += elapsed * min(self._processors, len(own.keys() - before.keys()))
        self._own = dict(own)
        return self._estimate if self._hidden else 0.0
