"""What came out of a training run, for programs and for people."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from codaserve.files import write_atomically
from critic.training import picture
from critic.training.output import PICTURE, REPORT
from critic.training.quality import Quality

ROWS = {
    "bce": "cross-entropy",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "auc": "AUC of the outcome",
    "rank_correlation": "rank correlation",
    "rank_correlation_within": "... within questions",
}
"""Fields of `Quality` that a person is shown."""


@dataclass(frozen=True)
class TrainReport:
    """What came out. Also written to `report.json`."""

    checkpoint: Path
    """The new critic's folder."""
    identity: str
    """The new critic's identity."""
    updates: int
    """Optimizer steps."""
    solutions: int
    """Solutions trained on."""
    boundaries: int
    """Labelled boundaries trained on, in one epoch."""
    too_long: int
    """Solutions left out because they exceed `max_tokens`."""
    held_out: Quality | None
    """The new critic on unfinished answers to held-out prompts. None when nothing was held out."""
    constant: Quality | None
    """The mean of such states' training labels as the value of every state, on the same states."""
    outcome_only: Quality | None
    """A critic trained alike, each boundary with its solution's outcome, on the same states. None unless asked for."""
    seconds: float
    """From beginning to end."""

    @property
    def columns(self) -> dict[str, Quality]:
        """What was measured, by what a person calls it."""
        measured = {"critic": self.held_out, "outcome only": self.outcome_only, "constant mean": self.constant}
        return {name: quality for name, quality in measured.items() if quality is not None}


def write(report: TrainReport, output: Path) -> None:
    """Writes the reliability plot, where something was measured, and report.json, each at once.

    Raises:
        OSError: They cannot be written.
    """
    if report.held_out is not None:
        curves = {name: quality.bins for name, quality in report.columns.items()}
        title = f"{report.held_out.states} held-out states"
        write_atomically(output / PICTURE, picture.draw(title, curves))
    content = {**asdict(report), "checkpoint": str(report.checkpoint)}
    write_atomically(output / REPORT, json.dumps(content, indent=2) + "\n")


def show(report: TrainReport, console: Console) -> None:
    """Prints it for a person."""
    console.print(
        f"trained on {report.boundaries} labelled boundaries of {report.solutions} solutions "
        f"in {report.updates} updates, {report.seconds:.0f} s"
    )
    if report.too_long:
        console.print(f"left out {report.too_long} solutions longer than max_tokens")
    if report.held_out is not None:
        table = Table("held out", *report.columns, title=f"{report.held_out.states} states of unseen prompts")
        for name, text in ROWS.items():
            table.add_row(text, *(_number(getattr(quality, name)) for quality in report.columns.values()))
        console.print(table)
        console.print(f"reliability plot in {report.checkpoint.with_name(PICTURE)}", soft_wrap=True)
    console.print(f"checkpoint {report.identity} in {report.checkpoint}", soft_wrap=True)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
