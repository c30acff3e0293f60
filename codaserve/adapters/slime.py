"""Rewards for slime.

    --custom-rm-path codaserve.adapters.slime.reward
    --custom-reward-post-process-path codaserve.adapters.slime.post_process_rewards

or, with --group-rm, codaserve.adapters.slime.group_reward; the scorers are those of the environment variable
CODASERVE_SCORERS. The task is `metadata["task"]` of a sample if that is an object or JSON text of one, else its label,
as `codaserve.adapters.tasks.task_item` takes it.

No reward is `remove_sample`, which takes a sample's tokens out of the loss, and a reward that is not a number. slime's
own normalisation would spoil the whole group with it, so either `post_process_rewards` is needed, which leaves such a
sample out of its group, or `keep_group` as --dynamic-sampling-filter-path, which drops the group and has another one
sampled.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Any, Self

from codaserve.adapters.scoring import Scores, Scoring, Unscored
from codaserve.adapters.tasks import task_or


class Reward(float):
    """What slime trains a sample with, which knows the score that it was made of.

    slime gives each rank the rewards of its own samples, but raw rewards of all ranks' samples, and 0.3.1 does not say
    which are whose: what a rank has to know of a sample's score comes with its reward.
    """

    score: float
    """As the scorer gave it; not a number where there is none."""

    def __new__(cls, value: float, score: float) -> Self:
        """Takes both."""
        reward = super().__new__(cls, value)
        reward.score = score
        return reward

    def __getnewargs__(self) -> tuple[float, float]:  # type: ignore[override]
        return float(self), self.score


async def reward(args: Any, sample: Any, **_: Any) -> float:
    """For --custom-rm-path: the score of one sample. Given several, as for its custom generation, those of all."""
    if isinstance(sample, Sequence):
        return await group_reward(args, sample)  # type: ignore[return-value]
    return (await group_reward(args, [sample]))[0]


async def group_reward(args: Any, samples: Sequence[Any], **_: Any) -> list[float]:
    """For --custom-rm-path with --group-rm: the scores of a prompt's samples, asked for in one call."""
    del args
    tasks = [task_or((sample.metadata or {}).get("task"), sample.label) for sample in samples]
    prompts = [sample.prompt for sample in samples]
    return _rewards(samples, await Scoring().score_async(prompts, [sample.response for sample in samples], tasks))


def _rewards(samples: Sequence[Any], scores: Scores) -> list[float]:
    rewards = []
    for sample, outcome in zip(samples, scores.outcomes, strict=True):
        if isinstance(outcome, Unscored):
            sample.remove_sample = True
            sample.metadata = {**(sample.metadata or {}), "unscored": outcome.code}
        rewards.append(math.nan if isinstance(outcome, Unscored) else outcome)
    return rewards


def keep_group(args: Any, samples: Sequence[Any], **_: Any) -> bool:
    """For --dynamic-sampling-filter-path: whether all samples of a group have a score and these differ."""
    rewards = [sample.get_reward_value(args) for sample in samples]
    return not any(map(math.isnan, rewards)) and min(rewards) < max(rewards)


def post_process_rewards(args: Any, samples: Sequence[Any]) -> tuple[list[float], list[Reward]]:
    """For --custom-reward-post-process-path: the rewards as they are, and what the trainer uses.

    Rewards are normalised over the samples of each group that have a score, as slime does for its group-relative
    estimators; a sample without a score, or alone with one, gets 0 and is out of the loss.
    """
    raw = [float(sample.get_reward_value(args)) for sample in samples]
    relative = args.advantage_estimator in ("grpo", "gspo", "cispo", "reinforce_plus_plus_baseline")
    if not (relative and args.rewards_normalization):
        return raw, [Reward(0.0 if math.isnan(one) else one, one) for one in raw]
    divide = args.grpo_std_normalization and args.advantage_estimator != "reinforce_plus_plus_baseline"
    places: dict[Any, list[int]] = {}
    for place, sample in enumerate(samples):
        places.setdefault(sample.group_index if sample.group_index is not None else place, []).append(place)
    rewards = [0.0] * len(raw)
    for group in places.values():
        scored = [place for place in group if not math.isnan(raw[place])]
        if len(scored) < 2:
            continue
        numbers = [raw[place] for place in scored]
        mean, std = statistics.fmean(numbers), statistics.stdev(numbers)
        for place, number in zip(scored, numbers, strict=True):
            rewards[place] = (number - mean) / (std + 1e-6) if divide else number - mean
    return raw, [Reward(used, score) for used, score in zip(rewards, raw, strict=True)]
