"""GRPO for verl that leaves responses without a score out of their groups. Imports verl.

    VERL_USE_EXTERNAL_MODULES=codaserve.adapters.verl_advantage
    algorithm.adv_estimator=codaserve_grpo

No reward is a score that is not a number, as codaserve.adapters.verl gives with `unscored=nan`.
"""

from typing import Any

import torch
from verl.trainer.ppo.core_algos import register_adv_est

EPSILON = 1e-6
"""Added to the standard deviation."""


@register_adv_est("codaserve_grpo")  # type: ignore[untyped-decorator]
def masked_grpo(
    token_level_rewards: torch.Tensor, response_mask: torch.Tensor, index: Any, config: Any = None, **_: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    """Advantages and returns, one for each token of each response.

    Rewards of several tokens are step rewards: a token's advantage is what comes from its step on, less the group's
    mean of whole responses. Of responses with one reward each, this is GRPO.

    Args:
        token_level_rewards: Responses by tokens; a response with a reward that is not a number has no score.
        response_mask: 1 for each token of a response, else 0.
        index: The prompt of each response.
        config: verl's algorithm section; `norm_adv_by_std_in_grpo` says whether to divide by the standard deviation.
    """
    with torch.no_grad():
        totals = token_level_rewards.sum(dim=-1)
        scored = ~totals.isnan()
        divide = config is None or config.get("norm_adv_by_std_in_grpo", True)
        remaining = token_level_rewards.nan_to_num(0.0).flip(-1).cumsum(-1).flip(-1)
        advantages = torch.zeros_like(remaining)
        for prompt in set(index):
            group = torch.tensor([one == prompt for one in index], device=totals.device) & scored
            if group.sum() > 1:
                std = totals[group].std() + EPSILON if divide else 1.0
                advantages[group] = (remaining[group] - totals[group].mean()) / std
        advantages = advantages * response_mask
    return advantages, advantages
