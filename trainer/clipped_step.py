"""The end of an update, the same for every loss: clip the gradient, step, and refuse what is not finite."""

import math
from typing import Any

from accelerate import Accelerator

from trainer.errors import DivergedError
from trainer.sharding import put_together


def clipped_step(accelerator: Accelerator, model: Any, optimizer: Any, loss: float, limit: float) -> float:
    """Makes the optimizer step if the loss and the gradient are finite, and clears the gradient in any case.

    Args:
        accelerator: That prepared model and optimizer.
        model: Has the gradient, summed over all processes or cut among them.
        optimizer: Of the model.
        loss: Of all processes.
        limit: Longest gradient, Euclidean norm; a longer one is made as short.

    Returns:
        The norm before.
    """
    norm = float(put_together(accelerator.clip_grad_norm_(model.parameters(), limit)))
    if math.isfinite(loss) and math.isfinite(norm):
        optimizer.step()
    optimizer.zero_grad()
    return norm


def refuse_divergence(loss: float, norm: float) -> None:
    """Refuses to go on after a step that was not made.

    Raises:
        DivergedError: Loss or norm is not finite.
    """
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise DivergedError(
            f"the training diverged: loss {loss:g}, gradient norm {norm:g}; lower optimizer.learning_rate"
        )
