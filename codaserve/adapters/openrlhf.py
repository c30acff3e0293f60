"""Rewards for OpenRLHF: the file for `--reward.remote_url`. It may be this one, or one of your own with

    from codaserve.adapters.openrlhf import reward_func

The label is the task, as `codaserve.adapters.tasks.task_item` takes it; the scorers are those of the environment
variable CODASERVE_SCORERS.

A long prompt, which OpenRLHF cuts at its beginning, is found in the query by its end. Of one that has fewer than 64
characters left of it, where the response begins cannot be told: there is no reward.

OpenRLHF has no way of saying "no reward": it notes an error of this function and goes on with a sample that has none,
and stops when it makes experiences of it. With dynamic filtering (`--algo.dynamic_filtering_enable`) such a sample
would pass the filter before; set CODASERVE_UNSCORED=nan there: the score of a response without one is then not a
number, with which no group is within the filter's range, so that the whole prompt is dropped and another one is drawn.
Never set it without the filter.
"""

import math
import os
from collections.abc import Sequence
from typing import Any

from codaserve.adapters.queries import response_of
from codaserve.adapters.scoring import Scoring


def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_: Any) -> dict[str, Any]:
    """The scores of some responses. OpenRLHF calls it with one at a time, from threads.

    Args:
        queries: Prompts with their responses.
        prompts: What each query begins with.
        labels: The tasks.

    Returns:
        `rewards` and `scores`, and for its logs `extra_logs` with `unscored`, as tensors.

    Raises:
        UnscoredError: A response has no score, unless CODASERVE_UNSCORED is "nan".
        ValueError: As `response_of`, unless CODASERVE_UNSCORED is "nan".
    """
    allowed = os.environ.get("CODASERVE_UNSCORED") == "nan"
    responses: dict[int, str] = {}
    for place, (query, prompt) in enumerate(zip(queries, prompts, strict=True)):
        try:
            responses[place] = response_of(query, prompt)
        except ValueError:
            if not allowed:
                raise
    asked = [(prompts[place], labels[place]) for place in responses]
    scores = Scoring().score([prompt for prompt, _ in asked], [*responses.values()], [label for _, label in asked])
    numbers = [math.nan] * len(queries)
    for place, score in zip(responses, scores.optional() if allowed else scores.numbers(), strict=True):
        numbers[place] = math.nan if score is None else score
    unscored = [float(math.isnan(number)) for number in numbers]
    return {"rewards": _tensor(numbers), "scores": _tensor(numbers), "extra_logs": {"unscored": _tensor(unscored)}}


def _tensor(numbers: list[float]) -> Any:
    import torch  # a client has none; OpenRLHF does

    # OpenRLHF wraps each sample's number in a tensor again, for which it must be one number.
    return torch.tensor(numbers, dtype=torch.float32)
