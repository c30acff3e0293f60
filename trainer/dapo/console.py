"""Progress of an offline run on the terminal."""

from rich.console import Console

from trainer.dapo.build import BuildProgress
from trainer.dapo.reports import PairsReport
from trainer.report.console import ConsoleReport


class OfflineConsole(ConsoleReport):
    """Prints a line for each part of the triples, optimizer step and evaluation. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        """How many steps there are is known when the triples are."""
        super().__init__(console, 0)

    def on_triples(self, progress: BuildProgress) -> None:
        """How many there are by now."""
        counts = progress.counts
        self._print(
            f"triples, part {progress.parts}/{progress.of}: {counts.pairs} pairs of {counts.kept} states out of "
            f"{counts.states}"
        )

    def on_pairs(self, report: PairsReport) -> None:
        """One line."""
        self._progress.update(self._task, completed=report.step, total=report.steps)
        share = f" ({report.loss / report.loss_of_reference:.3f} of the start)" if report.loss_of_reference else ""
        self._print(
            f"step {report.step}/{report.steps}: {report.pairs} pairs, loss {report.loss:.4g}{share}, log ratio "
            f"{report.distance:.3f} of {report.target:.3f}, {report.seconds:.1f} s"
        )
