"""Everything that is told of a run, to all that want to know."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from trainer.report.reports import EvaluationReport, Watcher

Watching = TypeVar("Watching", bound=Watcher)
"""What is told; it may want to know more than every watcher."""


class Telling(Generic[Watching]):
    """Passes everything on to several watchers."""

    def __init__(self, watchers: Sequence[Watching] = (), sync: Callable[[], None] | None = None) -> None:
        """Without watchers nothing is told, as in all processes of a run but the main one.

        Args:
            watchers: Told in this order.
            sync: Puts on disk what was told.
        """
        self._watchers = watchers
        self._sync = sync

    def on_evaluation(self, report: EvaluationReport) -> None:
        """To all."""
        self._tell(lambda watcher: watcher.on_evaluation(report))

    def on_event(self, text: str) -> None:
        """To all; may come from another thread."""
        self._tell(lambda watcher: watcher.on_event(text))

    def sync(self) -> None:
        """Puts on disk what was told."""
        if self._sync is not None:
            self._sync()

    def _tell(self, what: Callable[[Watching], None]) -> None:
        for watcher in self._watchers:
            what(watcher)
