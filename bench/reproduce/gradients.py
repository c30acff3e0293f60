"""The gradients that a batch of groups would give, of a policy that stays what it is."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.chance import derive
from trainer.codapo.sampling import Candidate, plan_focus
from trainer.codapo.values import normalised_advantages, question_weight
from trainer.groups import Group
from trainer.policy import log_probabilities, micro_batches
from trainer.settings import CodapoSettings

DELTA = CodapoSettings().delta
"""Of CoDaWeighting, as the comparison's runs have it."""
TOP_K = (6, 12, 24)
"""K of the focused batches that are looked at; 6 is a quarter of a batch, as in the paper's recipes."""
MICRO_BATCH_TOKENS = 1_000_000
"""A group is one forward pass."""


@dataclass(frozen=True)
class OfGroup:
    """What one group gives.

    Attributes:
        value: v_q of its rollouts.
        objective: Gradient of the objective with normalised advantages, not weighted.
        correctness: Gradient of the question's mean correctness, an unbiased estimate.
    """

    value: float
    objective: Tensor
    correctness: Tensor

    @property
    def weighted(self) -> Tensor:
        """The objective's with CoDaPO's weight."""
        return question_weight(self.value, DELTA) * self.objective


Answered = Sequence[OfGroup]
"""The groups of one question: that of a first batch, and those that a focused batch can draw."""


def of_group(model: torch.nn.Module, group: Group) -> OfGroup:
    """The gradients of a group that the model has sampled, at temperature 1, with a verdict on each rollout."""
    found = group.value
    assert found is not None and len(group.scored) == len(group.answers)
    parameters = [one for one in model.parameters() if one.requires_grad]
    if len(set(group.correct)) == 1:
        nothing = torch.zeros(sum(one.numel() for one in parameters))
        return OfGroup(found.value, nothing, nothing)
    right = [float(one) for one in group.correct]
    (batch,) = micro_batches(group.answers, MICRO_BATCH_TOKENS, torch.device("cpu"))
    logs = log_probabilities(model, batch, 1.0)
    lengths = [len(answer.rollout.response_ids) for answer in group.answers]

    def gradient(weights: Sequence[float]) -> Tensor:
        of_tokens = batch.spread([[weight] * length for weight, length in zip(weights, lengths, strict=True)])
        total = torch.where(of_tokens != 0, logs * of_tokens, 0.0).sum()
        return torch.cat([part.flatten() for part in torch.autograd.grad(total, parameters, retain_graph=True)])

    mean = statistics.fmean(right)
    return OfGroup(
        found.value,
        gradient([advantage / sum(lengths) for advantage in normalised_advantages(right)]),
        gradient([(one - mean) / (len(right) - 1) for one in right]),
    )


def of_batches(batch: Sequence[Answered], other: Sequence[Answered], seed: int) -> dict[str, Tensor]:
    """The gradient of each way to spend rollouts on a batch of questions: on these once, on others as well, or on these
    and a focused batch, weighted or not.

    Args:
        batch: The questions.
        other: As many different ones.
        seed: Of the focused batch's tie break.
    """
    first, more = ([of[0] for of in some] for some in (batch, other))
    found = {
        "GRPO, one batch": _mean([one.objective for one in first]),
        "GRPO, two batches": _mean([one.objective for one in (*first, *more)]),
        "weighted, two batches": _mean([one.weighted for one in (*first, *more)]),
    }
    for top_k in TOP_K:
        focused = _focused(batch, top_k, seed)
        if focused:
            found[f"focused batch alone, K = {top_k}"] = _mean(focused)
            found[f"weighted batch and its focused batch, K = {top_k}"] = _mean(
                [*(one.weighted for one in first), *focused]
            )
    return found


def _focused(batch: Sequence[Answered], top_k: int, seed: int) -> list[Tensor]:
    """Empty when a question would be drawn more often than it has groups."""
    candidates = [Candidate(str(place), of[0].value) for place, of in enumerate(batch)]
    plan = plan_focus(candidates, top_k=top_k, groups=len(batch), seed=derive(seed, "focus", top_k))
    if not plan.slots or any(count >= len(of) for count, of in zip(plan.counts, batch, strict=True)):
        return []
    return [one.weighted for count, of in zip(plan.counts, batch, strict=True) for one in of[1 : 1 + count]]


def _mean(gradients: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(gradients)).mean(0)
