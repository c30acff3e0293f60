"""What the micro-batches of an update add up to."""

from torch import Tensor

from trainer.objectives.importance import Mismatch
from trainer.report.reports import UpdateReport


class Tally:
    """Sums over an update, or over one process's part of it; the updater adds the gradient norms, divergences and
    counts of rows itself."""

    def __init__(self) -> None:
        """Of nothing yet."""
        self.loss = self.clipped = self.difference = self.ratio = self.largest = self.norm = self.divergence = 0.0
        self.tokens = self.computed = self.capped = self.passes = self.skipped = 0

    def rows(self, tokens: int, skipped: int) -> None:
        """Counts rows by their tokens, and how many of them get no pass."""
        self.tokens += tokens
        self.skipped += skipped

    def add(self, loss: Tensor, clipped: Tensor, found: Mismatch, tokens: int, capped: int) -> None:
        """Adds a micro-batch of so many tokens."""
        self.loss += float(loss.detach())
        self.clipped += float(clipped)
        self.difference += found.difference
        self.ratio += found.ratio
        self.largest = max(self.largest, found.largest)
        self.computed += tokens
        self.capped += capped
        self.passes += 1

    def include(self, part: "Tally") -> None:
        """Adds what another one has of the micro-batches."""
        self.loss += part.loss
        self.clipped += part.clipped
        self.difference += part.difference
        self.ratio += part.ratio
        self.divergence += part.divergence
        self.largest = max(self.largest, part.largest)
        self.computed += part.computed
        self.capped += part.capped
        self.passes += part.passes

    def report(self, steps: int, *, divergence: bool, weights: bool) -> UpdateReport:
        """Of so many optimizer steps, with or without a divergence and importance weights."""
        computed = self.computed
        return UpdateReport(
            loss=self.loss / steps,
            gradient_norm=self.norm / steps,
            clipped=self.clipped / max(self.tokens, 1),
            mismatch=self.difference / computed if computed else None,
            mismatch_ratio=self.ratio / computed if computed else None,
            mismatch_max=self.largest if computed else None,
            importance_capped=self.capped / computed if weights and computed else None,
            kl=self.divergence / steps if divergence else None,
            tokens=self.tokens,
            skipped=self.skipped,
            micro_batches=self.passes,
        )
