"""The frozen policy that a divergence is measured from."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from accelerate import Accelerator
from torch import Tensor

from trainer.policy import MicroBatch, log_probabilities, read_policy
from trainer.settings import TrainerSettings

Reference = Callable[[MicroBatch], Tensor]
"""Gives the log-probabilities of response tokens, as `log_probabilities` does."""


def load_reference(settings: TrainerSettings, accelerator: Accelerator, model: Any) -> Reference | None:
    """The policy at model.path, whatever has been learned since; None where objective.kl is 0.

    Args:
        settings: Of the run.
        accelerator: Its accelerator.
        model: The policy that is trained. With low-rank additions it is itself the reference when they are taken away;
            else a second copy is loaded.

    Raises:
        ConfigurationError: It cannot be loaded.
    """
    if settings.objective.kl == 0:
        return None
    frozen: Any
    if settings.model.lora.rank:
        frozen = accelerator.unwrap_model(model)
        without = frozen.disable_adapter
    else:
        frozen = read_policy(settings.model.path)[0].requires_grad_(False).to(accelerator.device)
        without = nullcontext

    def reference(batch: MicroBatch) -> Tensor:
        with without(), accelerator.autocast():  # as the policy, so that an unchanged one is at distance 0
            return log_probabilities(frozen, batch, settings.rollout.temperature)

    return reference
