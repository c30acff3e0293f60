"""Rewards for AReaL.

    workflow = RLVRWorkflow(reward_fn="codaserve.adapters.areal.reward_fn", ...)

The task is the row's `task`, else `gold`, `solution` or `answer`, as `codaserve.adapters.tasks.task_item` takes it; the
scorers are those of the environment variable CODASERVE_SCORERS.

No reward is an error: AReaL calls again three times, and then rejects the trajectory. But a reward that takes more than
15 seconds, its wait for one of the few worker processes included, is 0 for AReaL in the end, without a word.
`reward_fn` raises before that, and `async_reward` goes round it: it needs neither the processes nor the limit.

    workflow.async_reward_fn = codaserve.adapters.areal.async_reward
"""

import asyncio
from typing import Any

from codaserve.adapters.scoring import Scores, Scoring, Unscored

FIELDS = ("task", "gold", "solution", "answer")
SECONDS = 12.0
"""So long a call may take in all: enough below AReaL's 15 seconds."""


def reward_fn(prompt: Any, completions: Any, prompt_ids: Any, completion_ids: Any, **row: Any) -> float:
    """The score of one response, for AReaL's worker processes.

    Args:
        prompt: Text.
        completions: The response, one.
        prompt_ids: Not looked at.
        completion_ids: Not looked at.
        row: The data set's other columns.

    Raises:
        UnscoredError: There is no score, or none within 12 seconds.
        ValueError: The row has none of the fields.
    """
    del prompt_ids, completion_ids
    return asyncio.run(_in_time(prompt, completions, _task(row)))


async def async_reward(prompt: Any, completions: Any, prompt_ids: Any, completion_ids: Any, **row: Any) -> float:
    """The same as a coroutine, in AReaL's own process: waits for the scorer as long as the client does.

    Raises:
        UnscoredError: There is no score.
        ValueError: The row has none of the fields.
    """
    del prompt_ids, completion_ids
    (score,) = (await Scoring().score_async([prompt], [completions], [_task(row)])).numbers()
    return score


async def _in_time(prompt: Any, completion: Any, task: Any) -> float:
    scoring = Scoring(timeout=SECONDS / 2, max_outage=SECONDS / 3)
    try:
        scores = await asyncio.wait_for(scoring.score_async([prompt], [completion], [task]), SECONDS)
    except TimeoutError:  # which AReaL would take for its own, and count 0
        scores = Scores([Unscored("FAILURE_DEADLINE", f"no score within {SECONDS:g} seconds")])
    (score,) = scores.numbers()
    return score


def _task(row: dict[str, Any]) -> Any:
    for name in FIELDS:
        if row.get(name) is not None:
            return row[name]
    raise ValueError(f"the row has none of the columns {', '.join(FIELDS)}")
