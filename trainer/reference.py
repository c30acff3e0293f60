"""The frozen policy that a divergence is measured from."""

from collections.abc import Callable
from typing import Any

from accelerate import Accelerator
from torch import Tensor

from trainer.policy import MicroBatch, log_probabilities, read_policy
from trainer.settings import TrainerSettings

Reference = Callable[[MicroBatch], Tensor]
"""Gives the log-probabilities of response tokens, as `log_probabilities` does."""


def load_reference(settings: TrainerSettings, accelerator: Accelerator) -> Reference | None:
    """The policy at model.path, whatever has been learned since; None where objective.kl is 0.

    Raises:
        ConfigurationError: It cannot be loaded.
    """
    if settings.objective.kl == 0:
        return None
    frozen: Any = read_policy(settings.model.path)[0].requires_grad_(False).to(accelerator.device)

    def reference(batch: MicroBatch) -> Tensor:
        with accelerator.autocast():  # as the policy, so that an unchanged one is at distance 0
            return log_probabilities(frozen, batch, settings.rollout.temperature)

    return reference
