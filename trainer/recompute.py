"""Gradient checkpointing: memory for time.

transformers' own switch works in training mode only, and the policy stays in evaluation mode so that nothing is dropped
out. Here a layer does the same whenever a gradient is wanted, whatever the mode.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from codaserve.settings import ConfigurationError


def recompute_layers(model: Any) -> None:
    """Lets each layer keep only its inputs in a forward pass, and compute the rest again in the backward pass.

    Raises:
        ConfigurationError: The model has no such layers.
    """
    layers = [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not layers:
        raise ConfigurationError(f"model.gradient_checkpointing: a {type(model).__name__} does not support it")
    for layer in layers:
        layer.forward = _recomputed(layer.forward)


def _recomputed(forward: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **options: Any) -> Any:
        if not torch.is_grad_enabled():
            return forward(*arguments, **options)
        return checkpoint(forward, *arguments, use_reentrant=False, **options)

    return run
