"""Rewards for verl: a custom reward function.

    reward.custom_reward_function.path=pkg://codaserve.adapters.verl
    reward.custom_reward_function.name=compute_score_async
    +reward.custom_reward_function.reward_kwargs.addresses=127.0.0.1:50051

The task is `extra_info["task"]` if that is an object or JSON text of one, else the row's `ground_truth`, as
`codaserve.adapters.tasks.task_item` takes it. The answer always has the same keys, as verl needs: `score`, `acc` (1 or
0, whether all is right) and `unscored` (1 or 0).

Several addresses are a list, `[host:port,host:port]`.

No reward is an error by default, UnscoredError. What verl makes of that:
- The default trainer (trainer.use_v1=true) notes the error and goes on. Synchronous, it trains on the other responses
  of the group, and stops where the whole batch has none. Asynchronous, it throws the group away and samples another
  prompt. In validation it counts the response as `acc` 0; `acc_success_only` leaves it out.
- The legacy trainer (trainer.use_v1=false) stops.

With `unscored=nan` the score is not a number: then set algorithm.adv_estimator=codaserve_grpo and load
codaserve.adapters.verl_advantage, whose GRPO leaves such a response out of its group and gives its tokens no advantage.
verl's own means of scores are not a number either for such a batch.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

from codaserve.adapters.scoring import Limits, Scores, Scoring, Unscored
from codaserve.adapters.tasks import task_or


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    addresses: Sequence[str] | str = (),
    unscored: Literal["raise", "nan"] | float = "raise",
    **limits: Unpack[Limits],
) -> dict[str, float]:
    """The score of one response. verl calls it from threads, or from processes with the reward manager "remote".

    Args:
        data_source: Not looked at.
        solution_str: The response.
        ground_truth: The task, unless `extra_info` has one.
        extra_info: Of the row. Its `index`, if any, says which responses are of one prompt.
        addresses: `host:port` of the scorers. Default: those of the environment variable CODASERVE_SCORERS, separated
            by commas, else 127.0.0.1:50051.
        unscored: What becomes of a response without a score: see above.
        limits: `timeout`, `max_outage` (seconds), `undecided` and `access`: the fields of
            codaserve.adapters.scoring.Scoring.

    Raises:
        UnscoredError: The response has no score and `unscored` is "raise".
    """
    prompt, task = _row(data_source, ground_truth, extra_info)
    return _answer(_scoring(addresses, limits).score([prompt], [solution_str], [task]), unscored)


async def compute_score_async(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    addresses: Sequence[str] | str = (),
    unscored: Literal["raise", "nan"] | float = "raise",
    **limits: Unpack[Limits],
) -> dict[str, float]:
    """The same as a coroutine, which is best with verl's default reward manager: no thread waits for the scorer.

    Raises:
        UnscoredError: The response has no score and `unscored` is "raise".
    """
    prompt, task = _row(data_source, ground_truth, extra_info)
    return _answer(await _scoring(addresses, limits).score_async([prompt], [solution_str], [task]), unscored)


def _row(data_source: str, ground_truth: Any, extra_info: Mapping[str, Any] | None) -> tuple[str, Any]:
    info = extra_info or {}
    return f"{data_source}/{info.get('index', ground_truth)}", task_or(info.get("task"), ground_truth)


def _scoring(addresses: Sequence[str] | str, limits: Mapping[str, Any]) -> Scoring:
    """Arguments that verl adds for reward models (reward_router_address and the like) are left out."""
    known = {name: limits[name] for name in Limits.__annotations__ if name in limits}
    return Scoring(addresses if isinstance(addresses, str) else tuple(addresses), **known)


def _answer(scores: Scores, unscored: Literal["raise", "nan"] | float) -> dict[str, float]:
    if isinstance(unscored, float) and math.isnan(unscored):  # as verl's command line reads `nan`
        unscored = "nan"
    if unscored not in ("raise", "nan"):
        raise ValueError(f"unscored is {unscored!r}; it must be 'raise' or 'nan'")
    (outcome,) = scores.outcomes if unscored == "nan" else scores.numbers()
    if isinstance(outcome, Unscored):
        return {"score": math.nan, "acc": math.nan, "unscored": 1.0}
    return {"score": outcome, "acc": float(outcome == 1), "unscored": 0.0}
