"""Rewards for AReaL, awaited: for codaserve.adapters.areal_workflow, and for workflows of one's own.

    reward = await codaserve.adapters.areal.async_reward(prompt, completion, input_tokens, output_tokens, **data)

The task is the row's `task` if that is an object or JSON text of one, else `gold`, `solution` or `answer`, as
`codaserve.adapters.tasks.task_item` takes it; the scorers are those of the environment variable CODASERVE_SCORERS.

No reward is an error, for which AReaL rejects the trajectory, with the others of its group, and goes on.

AReaL calls a `reward_fn` in a pool of few processes. One that takes more than 15 seconds, its wait for a process
included, is tried three times more, and then the reward is 0. What is called in the pool cannot know how long it has
waited, so whenever scorers are slow or away, right answers would count 0. So there is no `reward_fn` here.
"""

from typing import Any

from codaserve.adapters.scoring import Scoring
from codaserve.adapters.tasks import task_or

ANSWERS = ("gold", "solution", "answer")


async def async_reward(prompt: Any, completions: Any, prompt_ids: Any, completion_ids: Any, **row: Any) -> float:
    """The score of one response. The arguments are those of AReaL's reward functions.

    Args:
        prompt: Text.
        completions: The response, one.
        prompt_ids: Not looked at.
        completion_ids: Not looked at.
        row: The data set's other columns.

    Raises:
        UnscoredError: There is no score.
        ValueError: The row has neither a task nor an answer.
    """
    del prompt_ids, completion_ids
    answers = [row[name] for name in ANSWERS if row.get(name) is not None]
    task = task_or(row.get("task"), answers[0] if answers else None)
    if task is None:
        raise ValueError(f"the row has no task that is an object, and none of the columns {', '.join(ANSWERS)}")
    (score,) = (await Scoring().score_async([prompt], [completions], [task])).numbers()
    return score
