"""Configuration of `codaserve dapo`."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from codaserve.settings import ProgramSettings, Section
from critic.training.settings import LearningSettings
from trainer.access import AccessSettings
from trainer.collect.settings import AmountSettings, AnswerSettings
from trainer.dapo.settings import PairSettings
from trainer.settings import (
    CheckpointSettings,
    EvaluateSettings,
    ModelSettings,
    OptimizerSettings,
    ScorerClientSettings,
    TaskSettings,
    TrackingSettings,
)


class CriticLearningSettings(LearningSettings):
    """Training of the critic, in each iteration on the data of that iteration."""

    base: Path
    """Where the first iteration's training starts: a language model's folder (it gets a new head) or a critic
    checkpoint. Those after it go on from the critic of the iteration before."""


class CriticServiceSettings(Section):
    """The critic that values steps."""

    addresses: list[str] = Field(default_factory=list)
    """host:port of running critics, which are told to load each new checkpoint: they see `output` under the same path.
    Default: none, one is started on loopback while it is needed."""
    arguments: list[str] = Field(default_factory=list)
    """Further command line arguments of the one that is started."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds that one request, or the loading of a checkpoint, may take."""
    max_outage: float = Field(default=300.0, ge=0)
    """Seconds for which an unreachable critic is waited for; past it the command stops and can be run again."""
    access: AccessSettings = AccessSettings()
    """What running critics ask for."""


class DapoLoopSettings(ProgramSettings):
    """Direct advantage policy optimization, iterated: collect data, train the critic, train the policy, and again."""

    model_config = SettingsConfigDict(env_prefix="CODASERVE_DAPO_")

    output: Path
    """Folder of all iterations. The same command goes on after any stop; finished stages are not repeated."""
    iterations: int = Field(default=1, ge=1)
    """How often. A finished command goes on with more."""
    seed: int = Field(default=0, ge=0)
    """Of everything that is drawn by chance."""
    model: ModelSettings
    """The first policy. Later iterations begin with the one that the iteration before trained."""
    tasks: TaskSettings
    """The questions that answers are collected to."""
    evaluate: EvaluateSettings = EvaluateSettings()
    """Held-out questions, answered by the first policy and by the one of each iteration."""
    answers: AnswerSettings = AnswerSettings()
    """How the policy answers."""
    collect: AmountSettings = AmountSettings()
    """How many answers are collected."""
    critic: CriticLearningSettings
    """Training of the critic."""
    pairs: PairSettings = PairSettings()
    """Triples and the loss on them."""
    optimizer: OptimizerSettings = OptimizerSettings()
    """The policy's optimizer."""
    micro_batch_tokens: int = Field(default=8192, ge=1)
    """Tokens, padding included, of one forward and backward pass; changes memory and speed, not the result."""
    checkpoint: CheckpointSettings = CheckpointSettings()
    """Checkpoints of the policy's training, in steps of the optimizer."""
    tracking: TrackingSettings = TrackingSettings()
    """TensorBoard and Weights & Biases, for each iteration's training of the policy."""
    scorer: ScorerClientSettings = ScorerClientSettings()
    """The scorer; one that is not given by address is started in each stage that needs it."""
    critic_service: CriticServiceSettings = CriticServiceSettings()
    """The critic that values steps."""

    @model_validator(mode="after")
    def _questions_given(self) -> Self:
        self.tasks.refuse_none()
        return self
