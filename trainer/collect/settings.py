"""Configuration of `codaserve critic collect`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from codaserve.settings import ProgramSettings, Section
from trainer.rollout.vllm.settings import VllmServerSettings
from trainer.settings import ScorerClientSettings, TaskSettings


class AnswerSettings(Section):
    """How a policy answers."""

    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Of sampling; log-probabilities are those at this temperature."""
    max_prompt_tokens: int = Field(default=1024, ge=1)
    """Longest prompt."""
    max_response_tokens: int = Field(default=3072, ge=1)
    """An answer without an end of sequence is truncated here, what a completion begins from included, and scored as it
    stands."""
    batch_size: int = Field(default=256, ge=1)
    """Responses generated at one time."""
    engine: Literal["transformers", "vllm"] = "transformers"
    """What runs the policy that writes: transformers in this process, or vLLM servers that serve it."""
    vllm: VllmServerSettings = VllmServerSettings()
    """The servers, for the engine vllm. Any that serve the policy will do, see docs/critic.md."""


class PolicySettings(AnswerSettings):
    """Who writes the solutions and completes them."""

    path: str
    """Folder of the policy as save_pretrained writes it, or its name on a hub; the tokenizer lies with it."""
    device: Literal["auto", "cpu"] = "auto"
    """auto takes an accelerator when there is one. For the engine vllm, of which this is not the device, it says which
    precision is meant by vllm.dtype auto."""


class AmountSettings(Section):
    """How many of what is sampled."""

    solutions: int = Field(default=32, ge=1)
    """Solutions sampled for each question."""
    keep: int = Field(default=6, ge=1)
    """Different solutions of each question that are kept, half of them right and half wrong where there are enough."""
    completions: int = Field(default=16, ge=1)
    """N, completions from each step boundary of a kept solution."""
    questions_at_once: int = Field(default=16, ge=1)
    """Questions that are worked on together and written as one file; what a kill may cost."""


class CollectSettings(ProgramSettings, AmountSettings):
    """Samples solutions of a policy, completes them from every step and has the completions verified."""

    # Not CODASERVE_CRITIC_COLLECT_: the server, whose prefix is CODASERVE_CRITIC_, would take such keys for its own.
    model_config = SettingsConfigDict(env_prefix="CODASERVE_COLLECT_")

    output: Path
    """Folder of the data set. A run that was stopped continues where it was; finished questions are not repeated."""
    tasks: TaskSettings
    """The questions."""
    policy: PolicySettings
    """The policy."""
    seed: int = Field(default=0, ge=0)
    """Of everything that is drawn by chance."""
    scorer: ScorerClientSettings = ScorerClientSettings()
    """The scorer."""

    @model_validator(mode="after")
    def _questions_given(self) -> Self:
        self.tasks.refuse_none()
        return self
