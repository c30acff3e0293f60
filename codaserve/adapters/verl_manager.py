"""Step rewards for verl: a reward manager that asks the scorer and the critic. Imports verl.

    reward.reward_manager.source=importlib
    reward.reward_manager.name=StepRewardManager
    reward.reward_manager.module.path=pkg://codaserve.adapters.verl_manager

Each step's advantage V_k - V_(k-1) is the reward of its last token. The outcome stands in for the last value, so a
response's rewards are its outcome less the value of its prompt, which is the same for the whole group. They reach verl
where it scores a whole batch at one time (RewardLoopManager.compute_rm_score); where each response is scored as it is
finished, verl takes one number, which is their sum.

No reward is what it is in codaserve.adapters.verl: an error, or not a number. A response of which the critic knows no
steps has its outcome on its last token and counts in `no_steps`.
"""

from typing import Any

import torch
from verl.experimental.reward_loop.reward_manager.base import RewardManagerBase

from codaserve.adapters.steps import Answer, step_credits
from codaserve.adapters.verl import compute_score_async


class StepRewardManager(RewardManagerBase):  # type: ignore[misc]
    """Options in `reward.reward_kwargs`: `addresses`, `critics`, `unscored`, `timeout`, `max_outage`, `undecided`."""

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any, **_: Any) -> None:
        """As verl calls it; `compute_score` is not used."""
        super().__init__(config, tokenizer, compute_score)
        self._options = dict(config.reward.get("reward_kwargs") or {})
        self._critics = self._options.pop("critics", "")

    async def run_single(self, data: Any) -> dict[str, Any]:
        """The reward of one response: StepRewards."""
        row = data[-1]
        ids = row.batch["responses"]
        count = int(row.batch["attention_mask"][-len(ids) :].sum())
        response = ids[:count].tolist()
        text = self.tokenizer.decode(response, skip_special_tokens=True)
        truth = row.non_tensor_batch["reward_model"]["ground_truth"]
        info = row.non_tensor_batch.get("extra_info") or {}
        found = await compute_score_async(row.non_tensor_batch["data_source"], text, truth, info, **self._options)
        prompt_ids = row.batch["prompts"][row.batch["attention_mask"][: -len(ids)].bool()].tolist()
        credit = None
        if not found["unscored"] and response:
            prompt = self.tokenizer.decode(prompt_ids, skip_special_tokens=False)
            answer = Answer(prompt, response, self.tokenizer, found["acc"])
            limits = [self._options.get(name, default) for name, default in (("timeout", 60.0), ("max_outage", 30.0))]
            (credit,) = await self.loop.run_in_executor(None, step_credits, [answer], self._critics, *limits)
        steps = [(count, found["score"])]
        if credit:
            steps = list(zip(credit.token_ends, credit.advantages, strict=True))
        extra = {**found, "no_steps": float(credit is None)}
        return {"reward_score": StepRewards(steps), "reward_extra_info": extra}

    @classmethod
    def assemble_rm_scores(cls, data: Any, scores: list[Any]) -> torch.Tensor:
        """One row for each response, one column for each token."""
        rewards = torch.zeros_like(data.batch["responses"], dtype=torch.float32)
        for row, score in zip(rewards, scores, strict=True):
            for end, reward in score.steps:
                row[max(end - 1, 0)] += reward
        return rewards


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
