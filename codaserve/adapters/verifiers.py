"""Rewards for verifiers (v1), and with it for prime-rl.

    --env.taskset.task.rewards.correct.fn codaserve.adapters.verifiers:correct

or in a task's own class:

    @vf.reward
    async def correct(self, trace) -> float:
        return await codaserve.adapters.verifiers.correct(self.data, trace)

The task is the row's field `task`, else `gold`, else `answer`, as `codaserve.adapters.tasks.task_item` takes it; the
scorers are those of the environment variable CODASERVE_SCORERS.

No reward is an error: verifiers records it on the trace as a TaskError, and prime-rl leaves a trace with an error out
of its group. Rubrics of verifiers before 0.4, which make an error a 0, have codaserve.adapters.verifiers_rubric.
"""

from typing import Any

from codaserve.adapters.scoring import Scoring

FIELDS = ("task", "gold", "answer")


async def correct(task: Any, trace: Any) -> float:
    """The score of a trace's last reply.

    Args:
        task: The row.
        trace: What became of it.

    Raises:
        UnscoredError: There is no score.
        ValueError: The row has none of the fields.
    """
    given = [getattr(task, name) for name in FIELDS if getattr(task, name, None) is not None]
    if not given:
        raise ValueError(f"the task's data has none of the fields {', '.join(FIELDS)}")
    scores = await Scoring().score_async([task.prompt_text], [trace.last_reply], [given[0]])
    (score,) = scores.numbers()
    return score
