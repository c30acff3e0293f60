"""The settings of each stage of an iteration, from those of the whole. Pure, but for asking what is there already."""

from dataclasses import dataclass
from pathlib import Path

from critic.training.output import CHECKPOINT
from critic.training.settings import TrainSettings
from trainer.chance import derive
from trainer.collect.settings import CollectSettings, PolicySettings
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.dapo.settings import DapoSettings
from trainer.folder import RECORD
from trainer.settings import (
    CriticClientSettings,
    ObjectiveSettings,
    RolloutSettings,
    TrainerSettings,
)

NUMPY_SEEDS = 2**32
"""Seeds of libraries are below this."""


@dataclass(frozen=True)
class Iteration:
    """Where one iteration's things are."""

    settings: DapoLoopSettings
    number: int
    """From 1."""

    @property
    def folder(self) -> Path:
        """Of the iteration; absolute, so that the command goes on from wherever it is called."""
        return self.settings.output.absolute() / f"iteration-{self.number:02}"

    @property
    def data(self) -> Path:
        """What `codaserve critic collect` writes."""
        return self.folder / "data"

    @property
    def critic(self) -> Path:
        """What `codaserve critic train` writes."""
        return self.folder / "critic"

    @property
    def actor(self) -> Path:
        """What `codaserve train` writes."""
        return self.folder / "actor"

    @property
    def before(self) -> "Iteration | None":
        """The iteration before, if any."""
        return Iteration(self.settings, self.number - 1) if self.number > 1 else None

    @property
    def policy(self) -> str:
        """The policy that writes the answers, and the reference policy."""
        return self.settings.model.path if self.before is None else str(self.before.actor / "model")

    @property
    def critic_base(self) -> Path:
        """Where the critic's training starts."""
        return self.settings.critic.base if self.before is None else self.before.critic / CHECKPOINT

    def collect_settings(self) -> CollectSettings:
        """Of the first stage. Each iteration draws from a chance of its own."""
        settings = self.settings
        return CollectSettings(
            output=self.data,
            tasks=settings.tasks,
            policy=PolicySettings(path=self.policy, device=settings.model.device, **settings.answers.model_dump()),
            seed=derive(settings.seed, "iteration", self.number) % NUMPY_SEEDS,
            scorer=settings.scorer,
            **settings.collect.model_dump(),
        )

    def critic_settings(self) -> TrainSettings:
        """Of the second stage."""
        return TrainSettings(
            data=self.data,
            base=self.critic_base,
            output=self.critic,
            resume=True,
            seed=self.settings.seed,
            device=self.settings.model.device,
            **self.settings.critic.model_dump(exclude={"base"}),
        )

    def actor_settings(self) -> TrainerSettings:
        """Of the third stage. Equal seeds in all iterations make equal draws in all evaluations."""
        settings = self.settings
        service, answers = settings.critic_service, settings.answers
        own = ["--device", "cpu"] if settings.model.device == "cpu" else []
        return TrainerSettings(
            output_dir=self.actor,
            resume=(self.actor / RECORD).exists(),
            seed=settings.seed,
            model=settings.model.model_copy(update={"path": self.policy}),
            tasks=settings.tasks,
            evaluate=settings.evaluate,
            rollout=RolloutSettings(
                max_prompt_tokens=answers.max_prompt_tokens,
                max_response_tokens=answers.max_response_tokens,
                batch_size=answers.batch_size,
            ),
            objective=ObjectiveSettings(kind="dapo", micro_batch_tokens=settings.micro_batch_tokens),
            dapo=DapoSettings(data=self.data, **settings.pairs.model_dump()),
            optimizer=settings.optimizer,
            scorer=settings.scorer,
            critic=CriticClientSettings(
                checkpoint=self.critic / CHECKPOINT,
                addresses=service.addresses,
                arguments=[*own, *service.arguments],
                timeout=service.timeout,
                max_outage=service.max_outage,
                access=service.access,
            ),
            checkpoint=settings.checkpoint,
            tracking=settings.tracking,
        )
