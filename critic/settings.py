"""Configuration of `codaserve critic`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.settings import ServerSettings
from codaserve.settings import Section
from critic.engine.vllm.settings import VllmSettings


class BatchingSettings(Section):
    """How concurrent requests share forward passes."""

    max_tokens_per_pass: int | None = Field(None, ge=1)
    """Tokens of one forward pass; a longer sequence runs alone, and a group whose common beginning is long may take up
    to four times that beginning. Bounds memory and how long others wait. Default: 2048 on CPU, 65536 on an
    accelerator."""
    max_wait_ms: float = Field(2.0, ge=0, le=1000)
    """How long a request waits for company when the model is idle, milliseconds."""


class LimitSettings(Section):
    """What a request may ask for; published by `Info`."""

    max_groups: int = Field(256, ge=1)
    """Groups of one Evaluate call, and groups of one stream that are worked on at one time."""
    max_responses: int = Field(256, ge=1)
    """Responses or alternatives of one group."""
    max_tokens: int = Field(8192, ge=2)
    """Prompt and response together, tokens. A checkpoint whose model has fewer positions lowers it."""
    max_queue: int = Field(1024, ge=1)
    """Groups that may wait; one more is refused."""
    max_queue_tokens: int = Field(2**24, ge=1)
    """Tokens of what waits or is worked on, the prompt counted with each response; more is refused. Counted before
    texts are tokenized, as bytes of each prompt and response, at most `max_tokens`. A call with more than all of it is
    taken when nothing else is inside."""
    max_seconds: float = Field(600.0, gt=0)
    """Longest time that a group may take, for callers that set no deadline."""

    @model_validator(mode="after")
    def _calls_fit(self) -> Self:
        if self.max_groups > self.max_queue:
            raise ValueError(
                f"max_groups ({self.max_groups}) exceeds max_queue ({self.max_queue}): full calls never fit"
            )
        return self


class CriticHttpSettings(HttpSettings):
    """Where the critic speaks vLLM's dialect, and how."""

    separator: str = Field("<extra_0>", min_length=1)
    """Text that stands behind each step, and behind the prompt, in what is valued; it is taken out. The default is that
    of Qwen's process reward models."""


class CriticSettings(ServerSettings):
    """Serves the values of half-written answers."""

    model_config = SettingsConfigDict(env_prefix="CODASERVE_CRITIC_")

    port: int = Field(50052, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    checkpoint: Path
    """Folder of the critic to serve, as `codaserve critic train` writes it."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the model runs. auto: an accelerator where there is one."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Precision of the model. auto: bfloat16 on an accelerator, float32 on CPU."""
    threads: int = Field(0, ge=0)
    """Threads that the model uses on CPU. 0: one for each core."""
    engine: Literal["transformers", "vllm"] = "transformers"
    """What runs the model: transformers in this process, or vLLM in one of its own."""
    vllm: VllmSettings = VllmSettings()
    """vLLM, for the engine of that name."""
    http: CriticHttpSettings = CriticHttpSettings()
    """The port where the critic speaks other projects' dialects."""
    batching: BatchingSettings = BatchingSettings()
    """Batching."""
    limits: LimitSettings = LimitSettings()
    """Limits."""
