"""Everything that is told of a run, to all that want to know."""

from collections.abc import Sequence

from trainer.report.reports import EvaluationReport, Observer, StepReport


class Telling:
    """Passes everything on to several observers."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        """Without observers nothing is told, as in all processes of a run but the main one."""
        self._observers = observers

    def on_step(self, report: StepReport) -> None:
        """To all."""
        for observer in self._observers:
            observer.on_step(report)

    def on_evaluation(self, report: EvaluationReport) -> None:
        """To all."""
        for observer in self._observers:
            observer.on_evaluation(report)

    def on_event(self, text: str) -> None:
        """To all; may come from another thread."""
        for observer in self._observers:
            observer.on_event(text)
