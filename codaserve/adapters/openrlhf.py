"""Rewards for OpenRLHF: the file for `--reward.remote_url`. It may be this one, or one of your own with

    from codaserve.adapters.openrlhf import reward_func

The label is the task, as `codaserve.adapters.tasks.task_item` takes it; the scorers are those of the environment
variable CODASERVE_SCORERS.

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

from codaserve.adapters.scoring import Scoring, Unscored


def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_: Any) -> dict[str, Any]:
    """The scores of some responses. OpenRLHF calls it with one at a time, from threads.

    Args:
        queries: Prompts with their responses.
        prompts: What each query begins with.
        labels: The tasks.

    Returns:
        `rewards` and `scores`, and for its logs `extra_logs` with `unscored`, as tensors.

    Raises:
        UnscoredError: A response has no score and CODASERVE_UNSCORED is not "nan".
        ValueError: As `response_of`.
    """
    responses = [response_of(query, prompt) for query, prompt in zip(queries, prompts, strict=True)]
    scores = Scoring().score(prompts, responses, labels)
    allowed = os.environ.get("CODASERVE_UNSCORED") == "nan"
    outcomes: Sequence[Any] = scores.outcomes if allowed else scores.numbers()
    numbers = [math.nan if isinstance(one, Unscored) else one for one in outcomes]
    unscored = [float(math.isnan(number)) for number in numbers]
    return {"rewards": _tensor(numbers), "scores": _tensor(numbers), "extra_logs": {"unscored": _tensor(unscored)}}


def response_of(query: str, prompt: str) -> str:
    """What follows the prompt.

    Raises:
        ValueError: The prompt is not in the query, where a long one was cut say. The whole query is no response: an
            answer in the prompt could be taken for the policy's.
    """
    _, found, response = query.partition(prompt)
    if not found:
        raise ValueError("the prompt is not in the query: it was cut, or its tokens do not decode to what they were")
    return response


def _tensor(numbers: list[float]) -> Any:
    import torch  # a client has none; OpenRLHF does

    # OpenRLHF wraps each sample's number in a tensor again, for which it must be one number.
    return torch.tensor(numbers, dtype=torch.float32)
