"""A batch of answers: sampled, scored and valued, each as soon as it can be."""

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from trainer.errors import DivergedError
from trainer.groups import PLAIN, Answer, Group, refuse_unscored
from trainer.judging import Judging
from trainer.rewards.marking import Marking
from trainer.rollout.engine import RolloutEngine, Sampling
from trainer.rollout.rollout import Rollout
from trainer.services import Services
from trainer.tasks import Question
from trainer.timing import Stopwatch


@dataclass(frozen=True)
class Gatherer:
    """Whom it asks."""

    engine: RolloutEngine
    services: Services
    max_unscored_share: float
    """As in the settings."""
    marking: Marking = PLAIN
    """What verdicts are worth in training."""

    def gather(
        self,
        questions: Sequence[Question],
        n: int,
        sampling: Sampling,
        name: str,
        watch: Stopwatch,
        *,
        version: int,
        value: bool = True,
    ) -> list[Group]:
        """Groups of answers in the order of the questions, scored and with the critic's steps.

        A group is scored as soon as its responses are complete, and valued as soon as it is scored.

        Args:
            questions: What is asked.
            n: Answers to each.
            sampling: How they are drawn.
            name: Of the batch, for the services.
            watch: Takes the times.
            version: Updates that the policy has had.
            value: Whether it is for training: then the critic is asked, if there is one, and `marking` counts; else
                answers are right or wrong, truncated or not.

        Raises:
            RunStoppedError: Engine or scorer is away, or too few answers got a verdict.
            DivergedError: The policy gives no probabilities.
        """
        with watch.phase("synchronisation"):
            self.engine.synchronise(version)
        groups: dict[int, Group] = {}
        evaluate = self.services.evaluate if value and self.services.critic is not None else None
        with Judging(self.services.score, evaluate, name, self.marking if value else PLAIN) as judging:
            given = self.engine.sample([question.prompt for question in questions], n, sampling)
            with watch.phase("generation"), closing(given):
                for number, rollouts in given:
                    _refuse_diverged(rollouts)
                    groups[number] = Group(questions[number], [Answer(rollout) for rollout in rollouts])
                    judging.add(number, groups[number])
            with watch.phase("scoring"):
                judging.wait_scored()
            ordered = [groups[number] for number in range(len(questions))]
            refuse_unscored(ordered, self.max_unscored_share)
            with watch.phase("critic"):
                judging.wait_valued()
        return ordered


def _refuse_diverged(rollouts: Sequence[Rollout]) -> None:
    if not all(math.isfinite(log) for rollout in rollouts for log in rollout.log_probabilities):
        raise DivergedError(
            "the training diverged: the policy's probabilities are not finite; lower optimizer.learning_rate"
        )
