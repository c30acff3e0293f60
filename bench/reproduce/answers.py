"""A policy's answers to the questions of a file, with verdicts by a scorer of their own."""

import sys
from pathlib import Path
from typing import Any

from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from trainer.chance import derive
from trainer.groups import Group, make_groups, score_groups
from trainer.rollout.transformers import sample
from trainer.settings import EvaluateSettings, TaskSettings
from trainer.tasks import load_questions

AT_ONCE = 64
"""Questions."""
PROMPT_TOKENS, RESPONSE_TOKENS = 128, 160
SECONDS = 600.0


def answers(
    model: Any,
    tokenizer: Any,
    tasks: Path,
    *,
    size: int,
    groups: int = 1,
    seed: int,
    name: str,
    log: Path,
    max_unscored_share: float,
) -> list[Group]:
    """Samples groups of `size` answers, `groups` of each question, question by question.

    Args:
        model: The policy.
        tokenizer: The policy's.
        tasks: Task file.
        size: Answers of a group.
        groups: Of each question.
        seed: With `name`, of the sampling.
        name: Of the items that are scored.
        log: The scorer's.
        max_unscored_share: As in the trainer's settings.

    Raises:
        ConfigurationError: The questions cannot be read.
        EmbeddedServiceError: The scorer did not start.
        RunStoppedError: The scorer is away, or too many answers got no verdict.
    """
    questions, _ = load_questions(
        EvaluateSettings(file=tasks), TaskSettings(), tokenizer, max_prompt_tokens=PROMPT_TOKENS
    )
    found: list[Group] = []
    with (
        EmbeddedService.start("scorer", log=log) as service,
        ScorerClient(service.address, timeout=SECONDS) as scorer,
    ):
        for begin in range(0, len(questions), AT_ONCE):
            asked = [question for question in questions[begin : begin + AT_ONCE] for _ in range(groups)]
            written = sample(
                model,
                tokenizer,
                [question.prompt for question in asked],
                size,
                seed=derive(seed, name, begin),
                max_response_tokens=RESPONSE_TOKENS,
            )
            some = make_groups(asked, written, size)
            score_groups(some, scorer.score, name=f"{name}/{begin}", max_unscored_share=max_unscored_share)
            found += some
            print(f"{len(found) // groups} of {len(questions)} questions answered", file=sys.stderr, flush=True)
    return found
