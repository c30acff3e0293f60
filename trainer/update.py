"""One update of the policy from a batch of rows.

The loss is the clipped objective plus, where objective.kl is above 0, the divergence from the policy that the run
started from. The old log-probabilities are those of the training forward pass at the snapshot that sampled: the same
computation as the new ones, so that the ratio of an unchanged policy is 1 exactly. When the policy has not changed
since, they are the new ones themselves without their gradient, and no pass is spent on them. Nor is one spent on a
response whose advantages are all 0, unless there is a divergence: it counts in the denominators but has no gradient.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from trainer.clipped_step import clipped_step, refuse_divergence
from trainer.credit import Row
from trainer.objectives.clipped import clipped_loss, token_shares
from trainer.objectives.divergence import divergence
from trainer.objectives.importance import mismatch, truncated_weights
from trainer.peers import ALONE, Peers
from trainer.policy import MicroBatch, log_probabilities, micro_batches
from trainer.reference import Reference
from trainer.report.reports import UpdateReport
from trainer.settings import TrainerSettings
from trainer.sharding import is_sharded, whole
from trainer.tally import Tally
from trainer.zero import ZeroPolicy

_Logs = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Begun:
    """What of an update needs no advantages."""

    parts: list[list[int]]
    """Positions of the rows of each optimizer step."""
    old: _Logs | None
    reference: _Logs | None
    first: Tensor | None
    """Log-probabilities of the first micro-batch, with their gradient; None when that pass is still to be made."""


class Updater:
    """Holds what an update changes: the model and its optimizer, both prepared by accelerate."""

    def __init__(
        self,
        accelerator: Accelerator,
        model: Any,
        optimizer: Any,
        settings: TrainerSettings,
        reference: Reference | None = None,
        peers: Peers = ALONE,
    ) -> None:
        """Without a reference there is no divergence in the loss. All peers are given the same rows."""
        self._accelerator = accelerator
        self._model = model
        self._optimizer = optimizer
        self._settings = settings
        self._reference = reference
        self._peers = peers

    def snapshot(self, rows: Sequence[Row]) -> list[list[float]]:
        """Log-probabilities of the rows' response tokens under the policy as it is now; none for a row that gets no
        pass in `update`."""
        return self._logs(rows)

    def _logs(self, rows: Sequence[Row], reference: Reference | None = None) -> list[list[float]]:
        found: list[list[float]] = [[] for _ in rows]
        mine: dict[int, list[float]] = {}
        places = self._needed(rows)
        needed = [rows[place] for place in places]
        with torch.no_grad(), whole(self._model) as model:
            for batch in self._micro_batches(needed):
                found_here = self._forward(batch, model) if reference is None else reference(batch)
                for row, logs in zip(batch.rows, found_here.tolist(), strict=True):
                    mine[places[row]] = logs[: len(needed[row].rollout.response_ids)]
        for part in self._peers.gather(mine):
            for place, log in part.items():
                found[place] = log
        return found

    def _needed(self, rows: Sequence[Row]) -> list[int]:
        """Positions of the rows that have a gradient."""
        return [place for place, row in enumerate(rows) if self._reference is not None or row.pulls]

    def begin(self, rows: Sequence[Row], old: _Logs | None = None) -> Begun | None:
        """Computes for `update` what needs no advantages: with more than one step the old log-probabilities, those of
        the reference, and the first micro-batch's forward pass.

        Args:
            rows: All rows of the batch; the critic's steps may be missing yet.
            old: As in `update`.

        Returns:
            None when there are no rows.
        """
        if not rows:
            return None
        parts = _split(rows, self._settings.objective.minibatches)
        if old is None and len(parts) > 1:
            old = self.snapshot(rows)
        reference = None if self._reference is None else self._logs(rows, self._reference)
        part = [rows[index] for index in parts[0]]
        batch = next(iter(self._micro_batches([part[place] for place in self._needed(part)])), None)
        # Of a model that is cut all processes take part in each pass, and which has how many is not told yet.
        first = None if batch is None or is_sharded(self._model) else self._forward(batch)
        return Begun(parts, old, reference, first)

    def update(
        self, rows: Sequence[Row], rate: float, old: _Logs | None = None, begun: Begun | None = None
    ) -> UpdateReport | None:
        """Takes `objective.minibatches` optimizer steps.

        Args:
            rows: All rows of the batch.
            rate: The learning rate.
            old: Log-probabilities of the policy that sampled; None when that is the policy as it is now.
            begun: What `begin` gave for these rows.

        Returns:
            What was done; None when there are no rows.

        Raises:
            DivergedError: Loss or gradient is not finite; the step that they belong to was not made.
        """
        begun = begun or self.begin(rows, old)
        if begun is None:
            return None
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        sums = Tally()
        first = begun.first
        for part in begun.parts:
            chosen = [rows[index] for index in part]
            self._step(chosen, _part(begun.old, part), _part(begun.reference, part), first, sums)
            first = None
        weighted = self._settings.objective.importance_cap is not None
        return sums.report(len(begun.parts), divergence=begun.reference is not None, weights=weighted)

    def _step(
        self, rows: Sequence[Row], old: _Logs | None, reference: _Logs | None, first: Tensor | None, sums: Tally
    ) -> None:
        lengths = [len(row.rollout.response_ids) for row in rows]
        shares = token_shares(lengths, [row.group for row in rows])
        needed = self._needed(rows)
        sums.rows(sum(lengths), len(rows) - len(needed))
        token_share = [[shares[place]] * lengths[place] for place in needed]
        filler = rows[:1]
        rows, old, reference = [rows[place] for place in needed], _part(old, needed), _part(reference, needed)
        advantages = [row.advantages for row in rows]
        sampler = [row.rollout.log_probabilities for row in rows]
        objective = self._settings.objective
        mine = Tally()
        batches = list(self._micro_batches(rows))
        passes = self._passes(len(batches))
        for place, batch in enumerate(batches, 1):
            new, first = self._forward(batch) if first is None else first, None
            before = new.detach() if old is None else batch.spread(old)
            share, sampled = batch.spread(token_share), batch.spread(sampler)
            cap = objective.importance_cap
            weights = None if cap is None else truncated_weights(before, sampled, cap)
            result = clipped_loss(
                new,
                before,
                batch.spread(advantages),
                share,
                clip=objective.clip,
                clip_high=objective.clip_high,
                weights=weights,
            )
            loss = result.loss
            if reference is not None:
                distance = divergence(new, batch.spread(reference), share)
                loss = loss + objective.kl * distance
                mine.divergence += float(distance.detach())
            self._backward(loss, last=place == passes)
            capped = 0 if cap is None or weights is None else int(((weights >= cap) & (share > 0)).sum())
            mine.add(loss, result.clipped, mismatch(before, sampled, share), int((share > 0).sum()), capped)
        for place in range(len(batches) + 1, passes + 1):
            self._add_nothing(filler, last=place == passes)
        for part in self._peers.gather(mine):
            sums.include(part)
        norm = self._finish(sums.loss, any_gradient=bool(rows))
        sums.norm += norm
        refuse_divergence(sums.loss, norm)

    def _finish(self, loss: float, *, any_gradient: bool) -> float:
        """Makes the optimizer step if the loss and the gradient are finite.

        Args:
            loss: Of all processes.
            any_gradient: Whether there was a pass that adds something.

        Returns:
            The norm of the gradient.
        """
        if isinstance(self._model, ZeroPolicy):
            return self._model.step() if math.isfinite(loss) else math.nan
        if not any_gradient:
            self._no_gradient()
        elif not is_sharded(self._model):
            self._peers.sum_gradients(self._trained())
        limit = self._settings.optimizer.max_gradient_norm
        return clipped_step(self._accelerator, self._model, self._optimizer, loss, limit)

    def _backward(self, loss: Tensor, *, last: bool) -> None:
        """Adds to the gradient. That of a model that is cut is averaged over the processes; the factor makes it a
        sum."""
        if isinstance(self._model, ZeroPolicy):
            self._model.backward(loss * self._peers.count, last=last)
        else:
            self._accelerator.backward(loss * self._peers.count if is_sharded(self._model) else loss)

    def _passes(self, mine: int) -> int:
        """How many this process makes: in a model that is cut all take part in each, so it is the most that one
        needs, and DeepSpeed makes no step without any."""
        if not is_sharded(self._model):
            return mine
        return max(int(isinstance(self._model, ZeroPolicy)), *self._peers.gather(mine))

    def _add_nothing(self, row: Sequence[Row], *, last: bool) -> None:
        """Makes a pass whose gradient is 0."""
        (batch,) = micro_batches(row, 1, self._accelerator.device)
        self._backward((self._forward(batch) * 0).sum(), last=last)

    def _no_gradient(self) -> None:
        """A gradient of 0, not none: the optimizer's moments go on as they would after passes that add nothing."""
        for parameter in self._trained():
            parameter.grad = torch.zeros_like(parameter)

    def _trained(self) -> list[Tensor]:
        return [parameter for parameter in self._model.parameters() if parameter.requires_grad]

    def _micro_batches(self, rows: Sequence[Row]) -> Any:
        tokens = self._settings.objective.micro_batch_tokens
        return micro_batches(rows, tokens, self._accelerator.device, self._peers)

    def _forward(self, batch: MicroBatch, model: Any = None) -> Tensor:
        """Of the policy, or of what `whole` gives in its place."""
        return log_probabilities(self._model if model is None else model, batch, self._settings.rollout.temperature)


def _part(logs: _Logs | None, places: Sequence[int]) -> _Logs | None:
    return None if logs is None else [logs[place] for place in places]


def _split(rows: Sequence[Row], parts: int) -> list[list[int]]:
    """Positions of the rows by part: whole groups, as evenly as they go; fewer parts when there are fewer groups."""
    groups = list(dict.fromkeys(row.group for row in rows))
    count = min(parts, len(groups))
    part_of = {group: place * count // len(groups) for place, group in enumerate(groups)}
    split: list[list[int]] = [[] for _ in range(count)]
    for index, row in enumerate(rows):
        split[part_of[row.group]].append(index)
    return split
