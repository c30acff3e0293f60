"""A policy that is cut over the processes, with its gradients and its optimizer: by torch's fully_shard (FSDP 2), or by
DeepSpeed (`trainer.zero`).

Passes with a gradient put each layer together while it computes, all processes in step. Without a gradient every
process has the whole policy for a while, and goes its own pace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor

from trainer.zero import ZeroPolicy

OPTIMIZER = "optimizer.pt"
"""In a checkpoint of a policy that was cut."""
_ON_MAIN = StateDictOptions(full_state_dict=True, cpu_offload=True)


def is_sharded(model: Any) -> bool:
    """Whether the model, or what trains it, is cut over the processes."""
    return isinstance(model, (FSDPModule, ZeroPolicy))


def is_finite(model: Any) -> bool:
    """Whether what this process has of the weights is."""
    if isinstance(model, ZeroPolicy):
        return model.is_finite()
    return all(bool(_of_this_process(parameter).isfinite().all()) for parameter in model.parameters())


def bare(accelerator: Accelerator, model: Any) -> Any:
    """The policy without what accelerate or DeepSpeed put around it."""
    return model.policy if isinstance(model, ZeroPolicy) else accelerator.unwrap_model(model)


def _of_this_process(tensor: Tensor) -> Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def put_together(tensor: Tensor) -> Tensor:
    """The whole of a tensor that may be cut; all processes call this."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


@contextmanager
def whole(model: Any) -> Iterator[Any]:
    """Gives every process the whole model for passes without a gradient; all processes enter, and leave when they like.

    It takes the memory of all weights meanwhile. A model that is not cut is given as it is.
    """
    if isinstance(model, ZeroPolicy):
        with model.whole() as policy:
            yield policy
        return
    parts = [module for module in model.modules() if isinstance(module, FSDPModule)]
    for part in parts:
        part.set_reshard_after_forward(False, recurse=False)
        part.unshard()
    try:
        yield model
    finally:
        for part in parts:
            part.reshard()
            part.set_reshard_after_forward(True, recurse=False)


@dataclass(frozen=True)
class Collected:
    """The weights, and the state of the optimizer, of a model that is cut: whole in the main process."""

    weights: dict[str, Any]
    optimizer: dict[str, Any]

    @classmethod
    def of(cls, model: Any, optimizer: Any, *, main: bool) -> "Collected | None":
        """None for a model that is not cut; all processes call this."""
        if isinstance(model, ZeroPolicy):
            return cls(model.weights(keep=main), model.optimizer_state(keep=main))
        if not is_sharded(model):
            return None
        state = get_optimizer_state_dict(model, _inner(optimizer), options=_ON_MAIN)
        weights = get_model_state_dict(model, options=_ON_MAIN)
        for name, source in model.all_tied_weights_keys.items():  # as in any other folder, tied weights are there once
            if source in weights:
                weights.pop(name, None)
        return cls(weights, state)

    def write(self, model: Any, folder: Path) -> None:
        """Into a checkpoint."""
        model.save_pretrained(folder, state_dict=self.weights)
        torch.save(self.optimizer, folder / OPTIMIZER)


def restore_optimizer(model: Any, optimizer: Any, folder: Path) -> None:
    """Puts back what `Collected.write` wrote, each process its part; all processes call this."""
    state = torch.load(folder / OPTIMIZER, map_location="cpu", weights_only=True)
    if isinstance(model, ZeroPolicy):
        model.restore_optimizer(state)
        return
    set_optimizer_state_dict(model, _inner(optimizer), state, options=StateDictOptions(full_state_dict=True))


def _inner(optimizer: Any) -> Any:
    """torch's optimizer, out of accelerate's."""
    return getattr(optimizer, "optimizer", optimizer)
