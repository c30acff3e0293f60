"""What an offline run reports: plain data for observers, metrics files and the terminal."""

from dataclasses import dataclass
from typing import Protocol

from trainer.dapo.build import BuildProgress
from trainer.report.reports import Watcher


@dataclass(frozen=True)
class PairsReport:
    """One optimizer step on pairs of a state and a step of an answer."""

    step: int
    """From 1."""
    steps: int
    """Of the whole run."""
    learning_rate: float
    states: int
    pairs: int
    tokens: int
    """Of the pairs' steps; their states come on top."""
    loss: float
    """Before the optimizer step."""
    loss_of_reference: float
    """What the loss would be if the policy were the reference policy."""
    target: float
    """Mean |A / beta|: how far log pi - log pi_ref is drawn."""
    distance: float
    """Mean |log pi - log pi_ref|: how far it is."""
    raised: float | None
    """Mean log pi - log pi_ref of the pairs with A > 0; None when there are none."""
    lowered: float | None
    """The same of those with A < 0."""
    gradient_norm: float
    """Before clipping."""
    micro_batches: int
    seconds: float


class OfflineObserver(Watcher, Protocol):
    """Is told of an offline run, too."""

    def on_triples(self, progress: BuildProgress) -> None:
        """While the triples are made, after each part."""

    def on_pairs(self, report: PairsReport) -> None:
        """After each optimizer step."""
