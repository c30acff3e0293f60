"""One update of the policy from a batch of rows.

The old log-probabilities are those of the training forward pass at the snapshot that sampled: the same computation as
the new ones, so that the ratio of an unchanged policy is 1 exactly. When the policy has not changed since, they are the
new ones themselves without their gradient, and no pass is spent on them.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from trainer.credit import Row
from trainer.errors import DivergedError
from trainer.objectives.clipped import clipped_loss, token_shares
from trainer.policy import MicroBatch, log_probabilities, micro_batches
from trainer.report.reports import UpdateReport
from trainer.settings import TrainerSettings


class Updater:
    """Holds what an update changes: the model and its optimizer, both prepared by accelerate."""

    def __init__(self, accelerator: Accelerator, model: Any, optimizer: Any, settings: TrainerSettings) -> None:
        self._accelerator = accelerator
        self._model = model
        self._optimizer = optimizer
        self._settings = settings

    def snapshot(self, rows: Sequence[Row]) -> list[list[float]]:
        """Log-probabilities of the rows' response tokens under the policy as it is now."""
        found: list[list[float]] = [[] for _ in rows]
        with torch.no_grad():
            for batch in self._micro_batches(rows):
                for row, logs in zip(batch.rows, self._forward(batch).tolist(), strict=True):
                    found[row] = logs[: len(rows[row].rollout.response_ids)]
        return found

    def update(
        self, rows: Sequence[Row], rate: float, old: Sequence[Sequence[float]] | None = None
    ) -> UpdateReport | None:
        """Takes `objective.minibatches` optimizer steps.

        Args:
            rows: All rows of the batch.
            rate: The learning rate.
            old: Log-probabilities of the policy that sampled; None when that is the policy as it is now.

        Returns:
            What was done; None when there are no rows.

        Raises:
            DivergedError: Loss or gradient is not finite; the step that they belong to was not made.
        """
        if not rows:
            return None
        parts = _split(rows, self._settings.objective.minibatches)
        if old is None and len(parts) > 1:
            old = self.snapshot(rows)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        sums = _Sums()
        for part in parts:
            chosen = [rows[index] for index in part]
            self._step(chosen, None if old is None else [old[index] for index in part], sums)
        return sums.report(len(parts))

    def _step(self, rows: Sequence[Row], old: Sequence[Sequence[float]] | None, sums: "_Sums") -> None:
        lengths = [len(row.rollout.response_ids) for row in rows]
        shares = token_shares(lengths, [row.group for row in rows])
        token_share = [[share] * length for share, length in zip(shares, lengths, strict=True)]
        advantages = [row.advantages for row in rows]
        sampler = [row.rollout.log_probabilities for row in rows]
        for batch in self._micro_batches(rows):
            new = self._forward(batch)
            before = new.detach() if old is None else batch.spread(old)
            share = batch.spread(token_share)
            result = clipped_loss(new, before, batch.spread(advantages), share, clip=self._settings.objective.clip)
            self._accelerator.backward(result.loss)
            difference = torch.where(share > 0, (before - batch.spread(sampler)).abs(), 0.0)
            sums.add(result.loss, result.clipped, difference.sum(), int((share > 0).sum()))
        norm = float(
            self._accelerator.clip_grad_norm_(self._model.parameters(), self._settings.optimizer.max_gradient_norm)
        )
        sums.norm += norm
        if not (math.isfinite(sums.loss) and math.isfinite(norm)):
            self._optimizer.zero_grad()
            raise DivergedError(
                f"the training diverged: loss {sums.loss:g}, gradient norm {norm:g}; lower optimizer.learning_rate"
            )
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _micro_batches(self, rows: Sequence[Row]) -> Any:
        return micro_batches(rows, self._settings.objective.micro_batch_tokens, self._accelerator.device)

    def _forward(self, batch: MicroBatch) -> Tensor:
        return log_probabilities(self._model, batch, self._settings.rollout.temperature)


class _Sums:
    """What the micro-batches of an update add up to."""

    def __init__(self) -> None:
        self.loss = self.clipped = self.difference = self.norm = 0.0
        self.tokens = self.passes = 0

    def add(self, loss: Tensor, clipped: Tensor, difference: Tensor, tokens: int) -> None:
        self.loss += float(loss.detach())
        self.clipped += float(clipped)
        self.difference += float(difference)
        self.tokens += tokens
        self.passes += 1

    def report(self, steps: int) -> UpdateReport:
        tokens = max(self.tokens, 1)
        return UpdateReport(
            loss=self.loss / steps,
            gradient_norm=self.norm / steps,
            clipped=self.clipped / tokens,
            mismatch=self.difference / tokens,
            tokens=self.tokens,
            micro_batches=self.passes,
        )


def _split(rows: Sequence[Row], parts: int) -> list[list[int]]:
    """Positions of the rows by part: whole groups, as evenly as they go; fewer parts when there are fewer groups."""
    groups = list(dict.fromkeys(row.group for row in rows))
    count = min(parts, len(groups))
    part_of = {group: place * count // len(groups) for place, group in enumerate(groups)}
    split: list[list[int]] = [[] for _ in range(count)]
    for index, row in enumerate(rows):
        split[part_of[row.group]].append(index)
    return split
