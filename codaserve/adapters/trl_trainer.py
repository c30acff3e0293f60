"""TRL's GRPOTrainer with responses that have no score masked out of their groups. Imports trl.

    MaskedGRPOTrainer(..., reward_funcs=[reward(unscored="none"), length_penalty])

No reward is None, as in TRL. Here a response for which codaserve's reward function gave None has no advantage, no place
in its group's mean and standard deviation, and no token in the loss, whatever other reward functions gave it. (The
objectives that average over sequences, TRL's loss_type "grpo" and "luspo", go on dividing by their number.)
"""

from typing import Any

import torch
from trl import GRPOTrainer

from codaserve.adapters.trl import is_ours


class MaskedGRPOTrainer(GRPOTrainer):  # type: ignore[misc]
    """In place of GRPOTrainer, with the same arguments."""

    _rewards: torch.Tensor
    """Of the last generated batch, all processes together: one row for each response, one column for each function."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        """As GRPOTrainer.

        Raises:
            ValueError: None of the reward functions is codaserve's as it was made, without another around it: what None
                says then cannot be known.
        """
        super().__init__(*arguments, **keywords)
        self._ours = [column for column, function in enumerate(self.reward_funcs) if is_ours(function)]
        if not self._ours:
            raise ValueError(
                "reward_funcs: none is of codaserve.adapters.trl.reward; give it as it is, with no function around it"
            )

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> torch.Tensor:
        rewards: torch.Tensor = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        rewards[rewards[:, self._ours].isnan().any(dim=1)] = torch.nan  # TRL leaves out a row without any number
        self._rewards = rewards
        return rewards

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        unscored = self._local(self._rewards.isnan().all(dim=1), len(inputs))
        mask = output["completion_mask"]
        lost = mask[unscored] * output["tool_mask"][unscored] if "tool_mask" in output else mask[unscored]
        lost_everywhere = self.accelerator.gather(lost.sum()).sum()
        output["completion_mask"] = mask * (~unscored).unsqueeze(1)
        output["num_items_in_batch"] = output["num_items_in_batch"] - lost_everywhere
        return output

    def _local(self, everywhere: torch.Tensor, count: int) -> torch.Tensor:
        """This process's part of what was gathered."""
        begin = self.accelerator.process_index * count
        return everywhere[begin : begin + count]
