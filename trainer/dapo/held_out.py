"""Answers to the held-out questions."""

from collections.abc import Callable, Sequence
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from trainer import chance
from trainer.groups import Group, make_groups, score_groups
from trainer.rollout.transformers import sample
from trainer.settings import TrainerSettings
from trainer.tasks import Question, fingerprint, load_questions


class HeldOut:
    """The held-out questions of a run, if it has any."""

    def __init__(self, settings: TrainerSettings, tokenizer: Any) -> None:
        """Reads them.

        Raises:
            ConfigurationError: They cannot be used.
        """
        self._settings = settings
        self._tokenizer = tokenizer
        self.questions: Sequence[Question] = []
        if settings.evaluate.given:
            limit = settings.rollout.max_prompt_tokens
            self.questions, _ = load_questions(settings.evaluate, settings.tasks, tokenizer, max_prompt_tokens=limit)

    @property
    def fingerprint(self) -> str:
        """Tells other questions."""
        return fingerprint(self.questions)

    def answer(
        self, model: Any, score: Callable[[Sequence[pb.ScoreItem]], Sequence[pb.ScoreResult]], *, name: str
    ) -> list[Group]:
        """Scored answers of a policy, always from the same chance: two evaluations of one policy are equal.

        Raises:
            RunStoppedError: The scorer is away, or too few answers got a verdict.
        """
        evaluate, rollout = self._settings.evaluate, self._settings.rollout
        rollouts = sample(
            model,
            self._tokenizer,
            [question.prompt for question in self.questions],
            evaluate.samples,
            seed=chance.derive(self._settings.seed, "rollouts", "evaluation"),
            max_response_tokens=rollout.max_response_tokens,
            temperature=evaluate.temperature,
            batch_size=rollout.batch_size,
            special_tokens=not self._settings.tasks.chat_template,
        )
        groups = make_groups(self.questions, rollouts, evaluate.samples)
        score_groups(groups, score, name=name, max_unscored_share=self._settings.scorer.max_unscored_share)
        return groups
