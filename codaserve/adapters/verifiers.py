"""Rewards for verifiers (v1), and with it for prime-rl.

    --env.taskset.task.rewards.correct.fn codaserve.adapters.verifiers:correct

or in a task's own class:

    @vf.reward
    async def correct(self, trace) -> float:
        return await codaserve.adapters.verifiers.correct(self.data, trace)

The task is the row's field `task` if that is an object or JSON text of one, else `gold`, else `answer`, as
`codaserve.adapters.tasks.task_item` takes it; the scorers are those of the environment variable CODASERVE_SCORERS.

No reward is an error: verifiers records it on the trace as a TaskError, and prime-rl leaves a trace with an error out
of its group. Rubrics of verifiers before 0.4, which make an error a 0, have codaserve.adapters.verifiers_rubric.
"""

from typing import Any

from codaserve.adapters.scoring import Scoring
from codaserve.adapters.tasks import task_or

ANSWERS = ("gold", "answer")


async def correct(task: Any, trace: Any) -> float:
    """The score of a trace's last reply.

    Args:
        task: The row.
        trace: What became of it.

    Raises:
        UnscoredError: There is no score.
        ValueError: The row has none of the fields.
    """
    answers = [getattr(task, name) for name in ANSWERS if getattr(task, name, None) is not None]
    right = task_or(getattr(task, "task", None), answers[0] if answers else None)
    if right is None:
        raise ValueError(f"the task's data has no task that is an object, and none of the fields {', '.join(ANSWERS)}")
    scores = await Scoring().score_async([task.prompt_text], [trace.last_reply], [right])
    (score,) = scores.numbers()
    return score
