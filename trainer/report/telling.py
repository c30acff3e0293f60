"""Everything that is told of a run, to all that want to know."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from trainer.errors import RunStoppedError
from trainer.report.reports import EvaluationReport, Watcher

Watching = TypeVar("Watching", bound=Watcher)
"""What is told; it may want to know more than every watcher."""
STOPPED = "stopped: "
"""How an event begins that says why a run ended before its last step."""


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


@contextmanager
def telling_stops(on_event: Callable[[str], None]) -> Iterator[None]:
    """Tells why what is inside failed, in one line, and lets the error go on.

    Args:
        on_event: Told; that it fails changes nothing.
    """
    try:
        yield
    except Exception as error:
        with suppress(Exception):  # the full disk that ended the run may refuse this, too
            on_event(STOPPED + " ".join(_reason(error).split()))
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, RunStoppedError):
        return f"{error}; not saved: {error.unsaved}" if error.unsaved else str(error)
    return str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
