"""Rewards for TRL's GRPOTrainer; other trainers of TRL take the same reward functions.

    GRPOTrainer(..., reward_funcs=reward("127.0.0.1:50051", column="solution"))

TRL's way of saying "no reward" is None. What TRL makes of it depends: alone, a None is left out of its group's mean and
standard deviation (from TRL 1.6 on; before, it was 0), but beside another reward function it counts as 0. So by default
a response without a score ends the run with UnscoredError, after the client's retries. With `unscored="none"` it is
None, which is right if this is the only reward function, and with codaserve.adapters.trl_trainer.MaskedGRPOTrainer,
which takes such a response out of its group whatever else gave it a reward.

In TRL 1.16, RLOOTrainer leaves a lone None out of its group, too; so does the asynchronous GRPO, which was read, not
run. OnlineDPO makes it 0; so does SDPO, which was read, not run: leave `unscored` as it is there.
"""

import functools
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Unpack

from codaserve.adapters.scoring import Limits, Scores, Scoring

Rewards = list[float | None]
NAME = "codaserve"
"""Of the reward functions in TRL's logs."""


@dataclass(frozen=True)
class _Wanted:
    scoring: Scoring
    column: str
    unscored: Literal["raise", "none"]


def reward(
    addresses: Sequence[str] | str = (),
    *,
    column: str = "task",
    unscored: Literal["raise", "none"] = "raise",
    **limits: Unpack[Limits],
) -> Callable[..., Rewards]:
    """A reward function for `reward_funcs`. It can be pickled, as TRL's asynchronous trainer needs.

    Args:
        addresses: `host:port` of the scorers. Default: those of the environment variable CODASERVE_SCORERS, separated
            by commas, else 127.0.0.1:50051.
        column: Of the data set: gold answers, or tasks as `codaserve.adapters.tasks.task_item` takes them.
        unscored: What becomes of a response without a score: see above.
        limits: `timeout`, `max_outage` (seconds), `undecided` and `access`: the fields of
            codaserve.adapters.scoring.Scoring.

    Raises:
        ValueError: `unscored` is neither.
    """
    return _named(_score, Scoring(addresses, **limits), column, unscored)


def async_reward(
    addresses: Sequence[str] | str = (),
    *,
    column: str = "task",
    unscored: Literal["raise", "none"] = "raise",
    **limits: Unpack[Limits],
) -> Callable[..., Coroutine[Any, Any, Rewards]]:
    """The same as an `async def`, which TRL runs at one time with other asynchronous reward functions.

    Raises:
        ValueError: `unscored` is neither.
    """
    return _named(_score_async, Scoring(addresses, **limits), column, unscored)


def is_ours(function: Any) -> bool:
    """Whether a reward function was made here."""
    return getattr(function, "func", None) in (_score, _score_async)


def _named(
    function: Callable[..., Any], scoring: Scoring, column: str, unscored: Literal["raise", "none"]
) -> Callable[..., Any]:
    """A partial function is picklable, is known as a coroutine function, and may have the name that TRL asks for."""
    if unscored not in ("raise", "none"):
        raise ValueError(f"unscored is {unscored!r}; it must be 'raise' or 'none'")
    partial = functools.partial(function, _Wanted(scoring, column, unscored))
    partial.__name__ = NAME  # type: ignore[attr-defined]
    return partial


def _score(wanted: _Wanted, /, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> Rewards:
    return _rewards(wanted, wanted.scoring.score(prompts, completions, _tasks(wanted, columns)), columns)


async def _score_async(
    wanted: _Wanted, /, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any
) -> Rewards:
    return _rewards(wanted, await wanted.scoring.score_async(prompts, completions, _tasks(wanted, columns)), columns)


def _tasks(wanted: _Wanted, columns: dict[str, Any]) -> Sequence[Any]:
    if wanted.column not in columns:
        found = sorted(
            name for name, values in columns.items() if isinstance(values, list) and name != "completion_ids"
        )
        raise ValueError(f"the data set has no column {wanted.column!r}; name one of {found}: reward(column=...)")
    tasks: Sequence[Any] = columns[wanted.column]
    return tasks


def _rewards(wanted: _Wanted, scores: Scores, columns: dict[str, Any]) -> Rewards:
    rewards: Rewards = list(scores.numbers()) if wanted.unscored == "raise" else scores.optional()
    if log := columns.get("log_metric"):
        log(f"{NAME}/unscored", rewards.count(None) / max(len(rewards), 1))
    return rewards
