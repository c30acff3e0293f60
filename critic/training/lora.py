"""Low-rank training (arXiv 2106.09685), by peft."""

import warnings
from typing import Any

from critic.checkpoint import CheckpointError
from critic.model import ValueModel
from critic.training.settings import LoraSettings


def adapt(model: ValueModel, settings: LoraSettings) -> None:
    """Freezes the weights below the head and adds low-rank ones, which are trained in their place.

    Raises:
        CheckpointError: peft is missing, or the model has no layers of these names.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise CheckpointError("low-rank training needs peft: pip install peft") from error
    names = settings.modules.split(",")
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha or 2 * settings.rank,
        lora_dropout=settings.dropout,
        target_modules="all-linear" if names == ["all-linear"] else names,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft and transformers are of different times
            model.backbone = get_peft_model(model.backbone, config)
    except ValueError as error:
        raise CheckpointError(f"no low-rank weights for {settings.modules}: {error}") from error


def merge(model: ValueModel) -> None:
    """Adds the low-rank weights of `adapt` to the weights: the model is again as others, and gives the same values."""
    adapted: Any = model.backbone
    model.backbone = adapted.merge_and_unload()
    model.requires_grad_(True)
