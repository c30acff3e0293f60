"""A batch that is gathered on a thread of its own, while the policy is updated."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trainer.groups import Group
from trainer.timing import Phases, Stopwatch

STAGES = ("generation", "scoring", "critic")
"""What the work goes through, in this order."""


class Ahead:
    """Work under way. It must not need weights that change meanwhile."""

    def __init__(self, work: Callable[[Phases], dict[int, Group]], version: int) -> None:
        """Starts the work.

        Args:
            work: Is told what to enter its stages through.
            version: Updates that the policy had had which answers.
        """
        self.version = version
        self._ended = {stage: threading.Event() for stage in STAGES}
        self._groups: dict[int, Group] = {}
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="ahead", daemon=True)
        self._thread.start()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """For the work: a stage, which has ended when the block is left."""
        try:
            yield
        finally:
            self._ended[name].set()

    def wait_generated(self) -> None:
        """Returns when nothing is generated any more: other weights may be loaded then."""
        self._ended["generation"].wait()

    def finish(self, watch: Stopwatch) -> dict[int, Group]:
        """Waits for what is left of each stage, which counts as its time, and gives the groups by
        their places.

        Raises:
            Exception: What the work raised.
        """
        for stage in STAGES:
            with watch.phase(stage):
                self._ended[stage].wait()
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._groups

    def _run(self, work: Callable[[Phases], dict[int, Group]]) -> None:
        try:
            self._groups = work(self)
        except BaseException as error:  # noqa: BLE001, raised by the thread that finishes
            self._error = error
        finally:
            for event in self._ended.values():
                event.set()
