"""Step rewards for verl: a reward manager that asks the scorer and the critic. Imports verl.

    VERL_USE_EXTERNAL_MODULES=codaserve.adapters.verl_advantage,codaserve.adapters.verl_steps
    algorithm.adv_estimator=codaserve_grpo
    reward.reward_manager.source=importlib
    reward.reward_manager.name=StepRewardManager
    reward.reward_manager.module.path=pkg://codaserve.adapters.verl_manager
    actor_rollout_ref.rollout.agent.default_agent_loop=codaserve_single_turn
    +reward.reward_kwargs.critics=127.0.0.1:50052

verl takes one number for each response. So this manager's number carries the rewards of the steps with it, and the
agent loop of codaserve.adapters.verl_steps puts them where the steps end; without it verl has their sum, at the end.
That is for the default trainer; verl_steps says what the legacy one needs instead of that loop. Not with a reward
model that shares the rollout's processors: verl then scores whole batches, without the rows' columns. Not with verl's
own GRPO either, which gives all tokens of a response one advantage.

Each step's advantage V_k - V_(k-1) is the reward of its last token. The outcome, which is `acc` and so 1 or 0, stands
in for the last value: every response's rewards sum to its outcome less the value of its prompt, which is the same for
the whole group. A response of which the critic knows no steps, one that is too long for it for example, is one step,
so that its reward is the same difference; it counts in `no_steps`.

No reward is what it is in codaserve.adapters.verl: an error, or not a number. A response for which the critic does not
even value the prompt has none either, since its outcome alone is more than what the others of its group get. verl's
own means of rewards, in validation too, are those of these differences: look at `acc`, which is also what
algorithm.filter_groups.metric has to be.
"""

import math
from typing import Any

import torch
from verl.experimental.reward_loop.reward_manager.base import RewardManagerBase

from codaserve.adapters.scoring import Unscored, UnscoredError
from codaserve.adapters.steps import Answer, step_credits
from codaserve.adapters.verl import compute_score_async
from trainer.codapo.steps import StepCredit

NO_VALUE = Unscored("FAILURE_UNAVAILABLE", "the critic has no value of the prompt, which is the others' baseline")


class StepRewardManager(RewardManagerBase):  # type: ignore[misc]
    """Options in `reward.reward_kwargs`: `addresses`, `critics`, `unscored`, `timeout`, `max_outage`, `undecided`.
    Several addresses are a list, `[host:port,host:port]`."""

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any, **_: Any) -> None:
        """As verl calls it; `compute_score` is not used."""
        super().__init__(config, tokenizer, compute_score)
        self._options = dict(config.reward.get("reward_kwargs") or {})
        self._critics = self._options.pop("critics", "")

    async def run_single(self, data: Any) -> dict[str, Any]:
        """The reward of one response: StepRewards.

        Raises:
            UnscoredError: It has none and `unscored` is "raise".
        """
        row = data[-1]
        seen = row.batch["attention_mask"].bool()
        prompt_ids, ids = row.batch["prompts"], row.batch["responses"]
        response = ids[seen[len(prompt_ids) :]].tolist()
        text = self.tokenizer.decode(response, skip_special_tokens=True)
        truth = row.non_tensor_batch["reward_model"]["ground_truth"]
        info = row.non_tensor_batch.get("extra_info") or {}
        found = await compute_score_async(row.non_tensor_batch["data_source"], text, truth, info, **self._options)
        if found["unscored"]:
            return {"reward_score": math.nan, "reward_extra_info": {**found, "no_steps": 1.0}}
        prompt = self.tokenizer.decode(prompt_ids[seen[: len(prompt_ids)]].tolist(), skip_special_tokens=False)
        credit = await self._credit(prompt, response, found["acc"])
        no_steps = credit is None
        if no_steps:
            credit = await self._credit(prompt, [self.tokenizer.eos_token_id], found["acc"])
        if credit is None:
            if self._options.get("unscored", "raise") == "raise":
                raise UnscoredError({0: NO_VALUE}, 1)
            extra = {"score": math.nan, "acc": math.nan, "unscored": 1.0, "no_steps": 1.0}
            return {"reward_score": math.nan, "reward_extra_info": extra}
        ends = [len(response)] if no_steps else credit.token_ends
        rewards = StepRewards(list(zip(ends, credit.advantages, strict=True)))
        return {"reward_score": rewards, "reward_extra_info": {**found, "no_steps": float(no_steps)}}

    async def _credit(self, prompt: str, response: list[int], outcome: float) -> StepCredit | None:
        """Of an end of sequence alone: the one step from the prompt to the outcome."""
        if not response:
            return None
        answer = Answer(prompt, response, self.tokenizer, outcome)
        limits = [self._options.get(name, default) for name, default in (("timeout", 60.0), ("max_outage", 30.0))]
        credits: list[StepCredit | None] = await self.loop.run_in_executor(
            None, step_credits, [answer], self._critics, *limits
        )
        return credits[0]


class StepRewards(float):
    """The rewards of a response's steps; as a number, their sum."""

    steps: list[tuple[int, float]]

    def __new__(cls, steps: list[tuple[int, float]]) -> "StepRewards":
        """Takes, for each step, the number of tokens up to its end, and its reward."""
        number = super().__new__(cls, sum(reward for _, reward in steps))
        number.steps = steps
        return number

    def __reduce__(self) -> tuple[Any, ...]:
        return StepRewards, (self.steps,)

    def tokens(self, count: int) -> torch.Tensor:
        """The reward of each of so many tokens, those of the response first."""
        rewards = torch.zeros(count)
        for end, reward in self.steps:
            rewards[max(end - 1, 0)] += reward
        return rewards
