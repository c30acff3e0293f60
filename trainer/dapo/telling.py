"""Everything that is told of an offline run, to all that want to know."""

from collections.abc import Sequence

from trainer.dapo.build import BuildProgress
from trainer.dapo.reports import OfflineObserver, PairsReport
from trainer.report.reports import EvaluationReport


class OfflineTelling:
    """Passes everything on to several observers."""

    def __init__(self, observers: Sequence[OfflineObserver] = ()) -> None:
        """Without observers nothing is told, as in all processes of a run but the main one."""
        self._observers = observers

    def on_triples(self, progress: BuildProgress) -> None:
        """To all."""
        for observer in self._observers:
            observer.on_triples(progress)

    def on_pairs(self, report: PairsReport) -> None:
        """To all."""
        for observer in self._observers:
            observer.on_pairs(report)

    def on_evaluation(self, report: EvaluationReport) -> None:
        """To all."""
        for observer in self._observers:
            observer.on_evaluation(report)

    def on_event(self, text: str) -> None:
        """To all; may come from another thread."""
        for observer in self._observers:
            observer.on_event(text)
