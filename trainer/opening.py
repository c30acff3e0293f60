"""What a run begins with: its policy and its questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainer import checkpoint
from trainer.assemble import current_policy
from trainer.checkpoint import Saved
from trainer.settings import TrainerSettings
from trainer.tasks import Question, fingerprint, load_questions


@dataclass(frozen=True)
class Material:
    """Read and checked."""

    model: Any
    tokenizer: Any
    questions: Sequence[Question]
    held_out: Sequence[Question]
    dropped: int
    """Training questions whose prompts are too long."""
    dropped_held_out: int
    """Held-out questions whose prompts are too long."""

    @property
    def fingerprints(self) -> dict[str, str]:
        """Of the questions, by what they are for."""
        return {"training": fingerprint(self.questions), "held-out": fingerprint(self.held_out)}


def read_material(settings: TrainerSettings, saved: Saved | None) -> Material:
    """What the settings name, with the policy of a checkpoint if there is one.

    Raises:
        ConfigurationError: It cannot be used, or is not what the run of the checkpoint had.
    """
    model, tokenizer = current_policy(settings, saved)
    limit = settings.rollout.max_prompt_tokens
    tasks = [reward.name for reward in settings.rewards if reward.kind == "task"]
    questions, dropped = load_questions(
        settings.tasks, settings.tasks, tokenizer, max_prompt_tokens=limit, rewards=tasks
    )
    held_out: list[Question] = []
    dropped_held_out = 0
    if settings.evaluate.given:
        held_out, dropped_held_out = load_questions(
            settings.evaluate, settings.tasks, tokenizer, max_prompt_tokens=limit
        )
    material = Material(model, tokenizer, questions, held_out, dropped, dropped_held_out)
    if saved:
        checkpoint.check(saved, settings, material.fingerprints)
    return material
