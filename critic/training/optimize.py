"""The updates of a training run."""

import random
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator

from critic.engine.transformers import CPU_PASS_TOKENS
from critic.model import ValueModel
from critic.packing import pack
from critic.passes import passes
from critic.training.errors import TrainingError
from critic.training.examples import Example, target_tensor
from critic.training.loss import soft_target_bce
from critic.training.schedule import rate_factor
from critic.training.settings import TrainSettings
from critic.training.states import States
from critic.tree import plant

ACCELERATOR_PASS_TOKENS = 16384
"""Less than in serving, since the backward pass keeps every layer's activations."""


def pass_tokens(settings: TrainSettings, device: torch.device) -> int:
    """Tokens of a pass, the default resolved."""
    return settings.max_tokens_per_pass or (CPU_PASS_TOKENS if device.type == "cpu" else ACCELERATOR_PASS_TOKENS)


@dataclass(frozen=True)
class TrainProgress:
    """One update."""

    update: int
    """Counted from 1."""
    updates: int
    """How many there will be."""
    loss: float
    """Mean soft-target cross-entropy over the update's labelled boundaries, before it, nats."""
    boundaries: int
    """Labelled boundaries of the update."""
    learning_rate: float
    """Of the model below the head."""
    grad_norm: float
    """Before clipping."""


def batches(examples: Sequence[Example], settings: TrainSettings) -> list[list[Example]]:
    """The solutions of each update, over all epochs, each epoch in an order of its own drawn from the seed."""
    order = random.Random(settings.seed)
    size = settings.batch_solutions
    epochs = [order.sample(examples, len(examples)) for _ in range(settings.epochs)]
    return [epoch[begin : begin + size] for epoch in epochs for begin in range(0, len(epoch), size)]


def optimize(
    model: ValueModel,
    updates: Sequence[list[Example]],
    settings: TrainSettings,
    accelerator: Accelerator,
    states: States | None = None,
) -> Iterator[TrainProgress]:
    """Trains in place what of the model is not frozen, one update for each step of the iterator.

    Under several processes each takes its share of every update; all must give the same arguments.

    Args:
        model: Its master weights are float32.
        updates: The solutions of each.
        settings: Of the run.
        accelerator: Of the run.
        states: Gives the state to go on from, and keeps those that the run comes to; each after the caller had the
            update's progress.

    Raises:
        TrainingError: The loss or its gradient stopped being finite.
        OutputError: A state cannot be read or written.
    """
    below = [parameter for parameter in model.backbone.parameters() if parameter.requires_grad]
    groups = [
        {"params": below, "peak": settings.learning_rate},
        {"params": list(model.head.parameters()), "peak": settings.head_learning_rate or settings.learning_rate},
    ]
    own = torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    wrapped, optimizer = accelerator.prepare(model.train(), own)
    done = states.restore(model, own, accelerator) if states is not None else 0
    for index, update in enumerate(updates[done:], start=done):
        factor = rate_factor(index, len(updates), settings.warmup_share, settings.schedule)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        boundaries = sum(example.labelled for example in update)
        loss = _backward(wrapped, update, boundaries, pass_tokens(settings, accelerator.device), accelerator)
        norm = accelerator.clip_grad_norm_(wrapped.parameters(), settings.max_grad_norm)
        if not bool(torch.isfinite(loss + norm)):
            raise TrainingError(
                f"update {index + 1}: loss {float(loss)}, gradient norm {float(norm)}; try a lower learning_rate"
            )
        optimizer.step()
        optimizer.zero_grad()
        rate = settings.learning_rate * factor
        yield TrainProgress(index + 1, len(updates), float(loss), boundaries, rate, float(norm))
        if states is not None:
            states.after(index + 1, model, own, accelerator)


def _backward(
    model: Any, update: list[Example], boundaries: int, max_tokens: int, accelerator: Accelerator
) -> torch.Tensor:
    """Adds the gradient of the update's mean loss, in passes of at most `max_tokens`, and returns that loss."""
    # A process without a share still has to take part in the exchange of gradients.
    mine = update[accelerator.process_index :: accelerator.num_processes] or [update[0].without_labels()]
    planned = passes([example.sequence for example in mine], max_tokens)
    total = torch.zeros((), device=accelerator.device)
    for number, trees in enumerate(planned, start=1):
        examples = [mine[index] for tree in trees for index in tree]
        row = pack([plant([mine[index].sequence for index in tree]) for tree in trees], accelerator.device)
        with _exchange(accelerator, model, gradients=number == len(planned)):
            logits = model(row)
            loss = soft_target_bce(logits, target_tensor(examples, accelerator.device)) / boundaries
            # Gradients are averaged over the processes; the factor makes a sum of that.
            accelerator.backward(loss * accelerator.num_processes)
        total += loss.detach()
    return accelerator.reduce(total, reduction="sum")  # type: ignore[no-any-return]


def _exchange(accelerator: Accelerator, model: Any, *, gradients: bool) -> AbstractContextManager[Any]:
    """Whether this backward pass exchanges gradients with the other processes; once for each update is enough."""
    return nullcontext() if gradients else accelerator.no_sync(model)
