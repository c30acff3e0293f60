"""What a run is put together of, whatever its objective."""

from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration

from codaserve.settings import ConfigurationError
from trainer import checkpoint
from trainer.checkpoint import Saved
from trainer.lora import save_additions_alone
from trainer.policy import load_policy
from trainer.settings import TrainerSettings


def make_accelerator(settings: TrainerSettings) -> Accelerator:
    """accelerate, with the run's device, precision and trackers.

    Raises:
        ConfigurationError: It was launched with several processes.
    """
    precision = "bf16" if settings.model.precision == "bfloat16" else "no"
    accelerator = Accelerator(
        cpu=settings.model.device == "cpu",
        mixed_precision=precision,
        log_with=list(settings.tracking.trackers) or None,
        project_config=ProjectConfiguration(logging_dir=str(settings.output_dir / "tensorboard")),
    )
    if accelerator.num_processes > 1:
        raise ConfigurationError("one training process is supported, accelerate was launched with several")
    if settings.model.lora.rank:
        save_additions_alone(accelerator)
    return accelerator


def current_policy(settings: TrainerSettings, saved: Saved | None) -> tuple[Any, Any]:
    """The policy to go on with and its tokenizer: the first one, or that of a checkpoint.

    Raises:
        ConfigurationError: It cannot be loaded.
    """
    if saved is None or settings.model.lora.rank:
        return load_policy(settings.model.path, settings)
    try:
        return load_policy(saved.folder, settings)
    except ConfigurationError as error:
        raise checkpoint.unloadable(saved.folder, error) from error


def make_optimizer(model: Any, settings: TrainerSettings) -> torch.optim.Optimizer:
    """AdamW for what of the model is trained."""
    return torch.optim.AdamW(
        [parameter for parameter in model.parameters() if parameter.requires_grad],
        lr=settings.optimizer.learning_rate,
        betas=settings.optimizer.betas,
        weight_decay=settings.optimizer.weight_decay,
    )
