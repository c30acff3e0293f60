"""What a run is put together of, whatever its objective."""

import os
from datetime import timedelta
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, InitProcessGroupKwargs, ProjectConfiguration
from torch.distributed import DistError
from transformers.integrations import unset_hf_deepspeed_config

from codaserve.settings import ConfigurationError
from trainer import checkpoint
from trainer.checkpoint import Saved
from trainer.errors import PeerLostError
from trainer.lora import save_additions_alone
from trainer.peers import Peers
from trainer.policy import load_policy
from trainer.settings import TrainerSettings
from trainer.zero import ZeroPolicy, zero_plugin

LAUNCHED_FOR = (
    *(DistributedType.NO, DistributedType.MULTI_CPU, DistributedType.MULTI_GPU),
    *(DistributedType.MULTI_NPU, DistributedType.MULTI_XPU, DistributedType.FSDP, DistributedType.DEEPSPEED),
)
"""What accelerate may be launched for."""


def make_accelerator(settings: TrainerSettings) -> Accelerator:
    """accelerate, with the run's device, precision and trackers, and with the processes that it was launched with.

    Raises:
        ConfigurationError: It was launched for something else than whole models side by side, FSDP or DeepSpeed, or
            the settings do not go with that.
        PeerLostError: Another process did not come.
    """
    zero = os.environ.get("ACCELERATE_USE_DEEPSPEED", "").lower() == "true"
    precision = "bf16" if settings.model.precision == "bfloat16" and not zero else "no"
    group = InitProcessGroupKwargs(timeout=timedelta(seconds=settings.processes.timeout))
    if zero and not torch.cuda.is_available():
        group.backend = "gloo"  # which accelerate leaves out then
    try:
        accelerator = Accelerator(
            cpu=settings.model.device == "cpu",
            mixed_precision=precision,
            deepspeed_plugin=zero_plugin(settings) if zero else None,
            log_with=list(settings.tracking.trackers) or None,
            project_config=ProjectConfiguration(logging_dir=str(settings.output_dir / "tensorboard")),
            kwargs_handlers=[group],
        )
    except DistError as error:
        raise PeerLostError(f"the training processes did not find each other: {error}") from error
    if accelerator.distributed_type not in LAUNCHED_FOR:
        raise ConfigurationError(
            f"accelerate was launched for {accelerator.distributed_type.value}, which is not supported; launch with "
            "--multi_gpu, by torchrun, or for FSDP or DeepSpeed"
        )
    if zero:
        unset_hf_deepspeed_config()  # by which transformers would cut with stage 3 whatever is read
    if accelerator.distributed_type == DistributedType.FSDP:
        _refuse_sharded(accelerator, settings)
    if settings.model.lora.rank:
        save_additions_alone(accelerator)
    return accelerator


def peers_of(accelerator: Accelerator, settings: TrainerSettings) -> Peers:
    """The processes that accelerate was launched with.

    Raises:
        PeerLostError: One of them did not come.
    """
    return Peers(accelerator.process_index, accelerator.num_processes, timeout=settings.processes.timeout)


def prepare(accelerator: Accelerator, model: Any, settings: TrainerSettings) -> tuple[Any, Any]:
    """The model on its device, and its optimizer.

    With FSDP or DeepSpeed accelerate cuts both over the processes. Else it does not wrap them: the processes add up
    their gradients once for an optimizer step, with `Peers`, however many passes each needed for its share.
    """
    if accelerator.distributed_type == DistributedType.FSDP:
        model, optimizer = accelerator.prepare(model, make_optimizer(model, settings))
        return model, optimizer
    if accelerator.distributed_type == DistributedType.DEEPSPEED:
        policy = ZeroPolicy(accelerator, model, make_optimizer(model, settings))
        return policy, policy
    model = accelerator.prepare_model(model, evaluation_mode=True)
    return model, accelerator.prepare_optimizer(make_optimizer(model, settings))


def _refuse_sharded(accelerator: Accelerator, settings: TrainerSettings) -> None:
    if not accelerator.is_fsdp2:
        raise ConfigurationError("accelerate was launched for FSDP 1: set fsdp_version: 2 in its configuration")
    if settings.rollout.engine == "vllm":
        raise ConfigurationError("rollout.engine vllm needs a policy that is whole in every process, not FSDP")
    if settings.model.lora.rank:
        raise ConfigurationError("model.lora needs a policy that is whole in every process, not FSDP")


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
