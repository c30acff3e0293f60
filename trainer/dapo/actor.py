"""One optimizer step of the policy on triples (arXiv 2412.18279, eq. 12)."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from trainer.clipped_step import clipped_step, refuse_divergence
from trainer.codapo.values import question_weight
from trainer.dapo.pairs import Pair, StateAndStep
from trainer.dapo.passes import Passes
from trainer.dapo.reports import PairsReport
from trainer.objectives.squared import pair_shares, squared_loss
from trainer.peers import ALONE, Peers
from trainer.settings import TrainerSettings


@dataclass(frozen=True)
class PairBatch:
    """The pairs of some states, all actions of each, one number each."""

    states: int
    pairs: list[Pair]
    advantages: list[float]
    reference: list[float]
    weights: list[float]
    owners: list[int]
    """Which of the states each pair belongs to."""


def pair_batch(states: Sequence[dict[str, Any]], settings: TrainerSettings) -> PairBatch:
    """The pairs of states as `Triples.take` gives them; those that are weighted have a question value."""
    batch = PairBatch(len(states), [], [], [], [], [])
    for owner, state in enumerate(states):
        weighted = settings.dapo.weighting
        weight = question_weight(state["question_value"], settings.dapo.delta) if weighted else 1.0
        for action in state["actions"]:
            batch.pairs.append(Pair(StateAndStep(state["state_ids"], action["token_ids"])))
            batch.advantages.append(action["advantage"])
            batch.reference.append(action["reference"])
            batch.weights.append(weight)
            batch.owners.append(owner)
    return batch


class Actor:
    """Holds what a step changes: the model and its optimizer, both prepared by accelerate."""

    def __init__(
        self,
        accelerator: Accelerator,
        model: Any,
        optimizer: Any,
        settings: TrainerSettings,
        passes: Passes,
        peers: Peers = ALONE,
    ) -> None:
        """`passes` are those of the model; `peers` share the pairs."""
        self._accelerator = accelerator
        self._model = model
        self._optimizer = optimizer
        self._settings = settings
        self._passes = passes
        self._peers = peers

    def update(self, batch: PairBatch, *, step: int, steps: int, rate: float) -> PairsReport:
        """Takes one optimizer step.

        Raises:
            DivergedError: Loss or gradient is not finite; the step was not made.
        """
        begin = time.perf_counter()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        with self._passes.attention():
            mine = self._backward(batch)
        sums = _Sums()
        for part in self._peers.gather(mine):
            sums.include(part)
        self._peers.sum_gradients(each for each in self._model.parameters() if each.requires_grad)
        limit = self._settings.optimizer.max_gradient_norm
        norm = clipped_step(self._accelerator, self._model, self._optimizer, sums.loss, limit)
        refuse_divergence(sums.loss, norm)
        targets = [advantage / self._settings.dapo.beta for advantage in batch.advantages]
        shares = pair_shares(batch.weights)
        return PairsReport(
            step=step,
            steps=steps,
            learning_rate=rate,
            states=batch.states,
            pairs=len(batch.pairs),
            tokens=sum(len(pair.rollout.response_ids) for pair in batch.pairs),
            loss=sums.loss,
            loss_of_reference=math.fsum(share * a * a / 2 for share, a in zip(shares, targets, strict=True)),
            target=math.fsum(map(abs, targets)) / len(targets),
            distance=math.fsum(map(abs, sums.ratios.values())) / len(sums.ratios),
            raised=_mean([sums.ratios[row] for row, a in enumerate(targets) if a > 0]),
            lowered=_mean([sums.ratios[row] for row, a in enumerate(targets) if a < 0]),
            gradient_norm=norm,
            micro_batches=sums.passes,
            seconds=time.perf_counter() - begin,
        )

    def _backward(self, batch: PairBatch) -> "_Sums":
        """Adds up the gradient of this process's pairs, pass by pass: whole states, which are computed once each."""
        shares = pair_shares(batch.weights)
        own = set(self._peers.share(batch.states))
        mine = [row for row, owner in enumerate(batch.owners) if owner in own]
        sums = _Sums()
        for places, new in self._passes.forward([batch.pairs[row] for row in mine]):
            rows = [mine[place] for place in places]
            result = squared_loss(
                new,
                self._numbers(batch.reference, rows),
                self._numbers(batch.advantages, rows),
                self._numbers(shares, rows),
                beta=self._settings.dapo.beta,
            )
            self._accelerator.backward(result.loss)
            sums.add(rows, result.loss, result.ratios)
        return sums

    def _numbers(self, values: Sequence[float], rows: Sequence[int]) -> Tensor:
        return torch.tensor([values[row] for row in rows], device=self._accelerator.device)


@dataclass
class _Sums:
    """What the passes of a step add up to."""

    ratios: dict[int, float] = field(default_factory=dict)
    """log pi - log pi_ref by the pair's place in the batch."""
    loss: float = 0.0
    passes: int = 0

    def add(self, rows: Sequence[int], loss: Tensor, ratios: Tensor) -> None:
        self.loss += float(loss.detach())
        self.passes += 1
        self.ratios.update(zip(rows, ratios.tolist(), strict=True))

    def include(self, other: "_Sums") -> None:
        self.loss += other.loss
        self.passes += other.passes
        self.ratios |= other.ratios


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
