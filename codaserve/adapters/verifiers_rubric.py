"""Rewards for rubrics of verifiers before 0.4. Imports verifiers.

    vf.SingleTurnEnv(..., rubric=ScorerRubric())

The task is the row's `task` if that is an object or JSON text of one, else its `answer`, as
`codaserve.adapters.tasks.task_item` takes it; the scorers are those of the environment variable CODASERVE_SCORERS.

These rubrics make an error of a reward function a reward of 0. Here no reward is an InfraError in the state's `error`,
by which verifiers tries a rollout again if it is told to, and by which prime-rl leaves it out; its reward is not a
number, and the other states of its group are scored without it.
"""

import math
from collections.abc import Sequence
from typing import Any

import verifiers as vf

from codaserve.adapters.scoring import Scoring, Unscored
from codaserve.adapters.tasks import task_or


class ScorerRubric(vf.Rubric):  # type: ignore[misc]
    """Scores responses first, and has further reward functions called, if any, for those that have a score."""

    def __init__(self, *arguments: Any, weight: float = 1.0, **keywords: Any) -> None:
        """As vf.Rubric; `weight` is that of the score."""
        super().__init__(*arguments, **keywords)

        def correct(state: Any) -> float:
            return float(state["codaserve_score"])

        self.add_reward_func(correct, weight)

    async def score_rollout(self, state: Any) -> None:
        """Of one state."""
        if await self._scored([state]):
            await super().score_rollout(state)

    async def score_group(self, states: list[Any]) -> None:
        """Of a prompt's states, asked for in one call."""
        if scored := await self._scored(states):
            await super().score_group(scored)

    async def _scored(self, states: Sequence[Any]) -> list[Any]:
        """Those that have a score."""
        tasks = [_given(state) for state in states]
        completions = [state["completion"] or "" for state in states]
        scores = await Scoring().score_async([str(state["prompt"]) for state in states], completions, tasks)
        kept = []
        for state, outcome in zip(states, scores.outcomes, strict=True):
            if isinstance(outcome, Unscored):
                state["error"] = vf.InfraError(f"no score: {outcome.code}: {outcome.message}")
                state["reward"], state["advantage"], state["metrics"] = math.nan, 0.0, {}
            else:
                state["codaserve_score"] = outcome
                kept.append(state)
        return kept


def _given(state: Any) -> Any:
    row = state.get("input") or state
    return task_or(row.get("task"), state.get("answer"))
