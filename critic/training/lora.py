"""Low-rank training (arXiv 2106.09685) of a critic."""

from typing import Any

from codaserve.lora import add_low_rank
from codaserve.settings import ConfigurationError
from critic.checkpoint import CheckpointError
from critic.model import ValueModel
from critic.training.settings import LoraSettings


def adapt(model: ValueModel, settings: LoraSettings) -> None:
    """Freezes the weights below the head and adds low-rank ones, which are trained in their place.

    Raises:
        CheckpointError: peft is missing, or the model has no layers of these names.
    """
    try:
        model.backbone = add_low_rank(model.backbone, settings, dropout=settings.dropout)
    except ConfigurationError as error:
        raise CheckpointError(str(error)) from error


def merge(model: ValueModel) -> None:
    """Adds the low-rank weights of `adapt` to the weights: the model is again as others, and gives the same values."""
    adapted: Any = model.backbone
    model.backbone = adapted.merge_and_unload()
    model.requires_grad_(True)
