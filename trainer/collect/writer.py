"""Who writes the solutions and completions: the policy in this process, or vLLM servers that serve it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch

from codaserve.settings import ConfigurationError
from trainer.collect.settings import PolicySettings
from trainer.collect.work import Sample
from trainer.rollout.engine import Sampling
from trainer.rollout.rollout import Rollout
from trainer.rollout.transformers import room_left, sample
from trainer.rollout.vllm.engine import VllmEngine
from trainer.rollout.vllm.renewal import Policy
from trainer.rollout.vllm.settings import VllmRolloutSettings


@contextmanager
def writer(
    settings: PolicySettings,
    model: Any,
    tokenizer: Any,
    output: Path,
    on_event: Callable[[str], None],
    *,
    special_tokens: bool,
) -> Iterator[Sample]:
    """Gives what writes, for the time of the block.

    Args:
        settings: Of the policy.
        model: The policy, on the CPU. It is moved to where it writes, or stays to prove that servers compute the same.
        tokenizer: Its tokenizer.
        output: Folder for the log of a server that is started.
        on_event: Told of outages, also from other threads.
        special_tokens: As for `trainer.rollout.transformers.sample`.

    Raises:
        ConfigurationError: An address cannot be used.
        EmbeddedServiceError: The server that should be started did not start.
        RunStoppedError: The servers are away, or do not compute what the policy does.
    """
    device = "cuda" if settings.device == "auto" and torch.cuda.is_available() else "cpu"
    if settings.engine == "transformers":
        yield partial(
            sample,
            model.to(device),
            tokenizer,
            max_response_tokens=settings.max_response_tokens,
            temperature=settings.temperature,
            batch_size=settings.batch_size,
            special_tokens=special_tokens,
        )
        return
    served = VllmRolloutSettings(**settings.vllm.model_dump())
    if served.dtype == "auto":
        served.dtype = "float32" if device == "cpu" else "bfloat16"
    longest = settings.max_prompt_tokens + settings.max_response_tokens
    policy = Policy(model, settings.path, tokenizer, settings.temperature, longest, special_tokens, nullcontext)
    try:
        engine = VllmEngine(served, policy, output, on_event, trained=False)
    except ValueError as error:
        raise ConfigurationError(f"policy.vllm.addresses: {error}") from error

    def write(prompts: Sequence[str], n: int, *, seed: int, begun: Sequence[str] = ()) -> list[Rollout]:
        most = settings.max_response_tokens
        limits = tuple(room_left(tokenizer, prompts, begun, most, special_tokens=special_tokens))
        groups = dict(engine.sample(prompts, n, Sampling(seed, most, settings.temperature, limits=limits)))
        return [rollout for place in range(len(prompts)) for rollout in groups[place]]

    with closing(engine):
        engine.synchronise(0)
        yield write
