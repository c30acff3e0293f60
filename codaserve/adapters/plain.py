"""Rewards for a training loop of one's own: `codaserve.reward`."""

from collections.abc import Sequence
from typing import Any, Unpack

from codaserve.adapters.scoring import Limits, Scoring


def reward(
    prompts: Sequence[Any],
    responses: Sequence[Any],
    tasks: Sequence[Any],
    *,
    addresses: Sequence[str] | str = (),
    **limits: Unpack[Limits],
) -> list[float | None]:
    """Scores responses, in order: a number in [0, 1], or None for a response that has no score.

    No reward is None, whatever the reason is: a scorer that stays away, a malformed task, an answer on which the scorer
    could not decide. Leave such a response out of every mean; it was not wrong.

    Args:
        prompts: Texts or conversations; equal ones are one group, whose responses are worked on together.
        responses: Texts, or conversations whose last message of the assistant counts.
        tasks: Gold answers, or tasks as `codaserve.adapters.tasks.task_item` takes them.
        addresses: `host:port` of the scorers. Default: those of the environment variable CODASERVE_SCORERS, separated
            by commas, else 127.0.0.1:50051.
        limits: `timeout`, `max_outage` (seconds), `undecided` and `access`: the fields of
            codaserve.adapters.scoring.Scoring.

    Raises:
        ValueError: The lengths differ.
    """
    return Scoring(addresses, **limits).score(prompts, responses, tasks).optional()
