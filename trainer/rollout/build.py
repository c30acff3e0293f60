"""The rollout engine that the settings call for."""

from collections.abc import Callable
from typing import Any

from accelerate import Accelerator

from codaserve.settings import ConfigurationError
from trainer.rollout.engine import RolloutEngine
from trainer.rollout.local import LocalEngine
from trainer.rollout.vllm.engine import VllmEngine
from trainer.rollout.vllm.renewal import Policy
from trainer.settings import TrainerSettings
from trainer.sharding import bare


def rollout_engine(
    settings: TrainerSettings,
    accelerator: Accelerator,
    model: Any,
    tokenizer: Any,
    on_event: Callable[[str], None],
    *,
    main: bool = True,
) -> RolloutEngine:
    """Makes the engine; nothing is started before its first synchronisation.

    Args:
        settings: Of the run.
        accelerator: Has prepared the model.
        model: The policy as it is trained.
        tokenizer: Its tokenizer.
        on_event: Told of outages, also from other threads.
        main: Whether this is the run's main process, which alone speaks with vLLM; what others get is asked nothing.

    Raises:
        ConfigurationError: An address cannot be used, or the device not for the transfer of weights.
    """
    rollout = settings.rollout
    special_tokens = not settings.tasks.chat_template
    if rollout.engine == "transformers" or not main:
        return LocalEngine(model, tokenizer, rollout.batch_size, special_tokens, accelerator.autocast)
    vllm = rollout.vllm
    if vllm.dtype == "auto":
        dtype = "float32" if accelerator.device.type == "cpu" else "bfloat16"
        vllm = vllm.model_copy(update={"dtype": dtype})
    if vllm.transfer == "nccl" and accelerator.device.type != "cuda":
        raise ConfigurationError(
            f"rollout.vllm.transfer nccl needs a policy on a GPU, and it is on {accelerator.device}"
        )
    longest = rollout.max_prompt_tokens + rollout.max_response_tokens
    policy = Policy(
        bare(accelerator, model),
        settings.model.path,
        tokenizer,
        rollout.temperature,
        longest,
        special_tokens,
        accelerator.autocast,
    )
    try:
        return VllmEngine(vllm, policy, settings.output_dir, on_event)
    except ValueError as error:
        raise ConfigurationError(f"rollout.vllm.addresses: {error}") from error
