"""Where what happens in an offline run is told: only in the main process there is a log."""

from collections.abc import Sequence
from contextlib import ExitStack, closing

from accelerate import Accelerator

from trainer.dapo.build import BuildProgress
from trainer.dapo.log import OfflineLog, OfflineTrackers
from trainer.dapo.prepare import describe
from trainer.dapo.reports import OfflineObserver, PairsReport
from trainer.dapo.store import Counts
from trainer.report.telling import Telling
from trainer.settings import TrainerSettings
from trainer.state import RunState


class OfflineTelling(Telling[OfflineObserver]):
    """Passes everything on to a log, trackers and others."""

    _log: OfflineLog | None = None

    @classmethod
    def open(
        cls,
        stack: ExitStack,
        accelerator: Accelerator,
        settings: TrainerSettings,
        state: RunState | None,
        observers: Sequence[OfflineObserver],
        *,
        main: bool,
    ) -> "OfflineTelling":
        """Goes on with the files of a run up to a state; begins them where there is none."""
        if not main:
            return cls()
        log = stack.enter_context(closing(OfflineLog(settings.output_dir, state)))
        trackers = stack.enter_context(closing(OfflineTrackers(accelerator, settings, step=state.step if state else 0)))
        telling = cls([log, trackers, *observers], log.sync)
        telling._log = log
        return telling

    def triples(self, counts: Counts, *, begun: bool) -> None:
        """Says what is trained on, and writes it down at the beginning of a run."""
        if self._log is not None and not begun:
            self._log.triples(counts)
        self.on_event(f"triples: {describe(counts)}")

    def on_triples(self, progress: BuildProgress) -> None:
        """To all."""
        self._tell(lambda watcher: watcher.on_triples(progress))

    def on_pairs(self, report: PairsReport) -> None:
        """To all."""
        self._tell(lambda watcher: watcher.on_pairs(report))
