"""Step credit for slime: per-token advantages from the critic. Needs what codaserve's trainer needs.

    --custom-advantage-function-path codaserve.adapters.slime_advantages.advantages
    --custom-reward-post-process-path codaserve.adapters.slime.post_process_rewards

beside what codaserve.adapters.slime says; the second sends each response's score along to its rank. The critics are
those of the environment variable CODASERVE_CRITICS, and CODASERVE_STEP_CREDIT is lambda, the share of step credit
(default 0.3). Each token gets (1 - lambda) times its response's normalised reward plus lambda times its step's
advantage over 0.25, the floor of the deviation, since a rank does not see whole groups.

No reward is a sample without tokens in the loss, as codaserve.adapters.slime leaves it; a sample of which the critic
knows no steps keeps its normalised reward. Of ranks that share responses by tensor parallelism the first asks for all.
Not with context parallelism, where a rank has parts of responses.
"""

import functools
import importlib
import math
import os
from collections.abc import Sequence
from typing import Any

import torch

from codaserve.adapters.slime import Reward
from codaserve.adapters.steps import Answer, step_credits
from codaserve.tokenizer import load_tokenizer
from trainer.codapo.steps import StepCredit, token_advantages

STD_FLOOR = 0.25


def advantages(args: Any, rollout_data: dict[str, Any]) -> None:
    """Fills in `advantages` and `returns`, a list with a tensor for each response.

    Raises:
        ValueError: Context parallelism is on, or rewards are not of our `post_process_rewards`.
    """
    if getattr(args, "context_parallel_size", 1) > 1:
        raise ValueError("step credit needs whole responses on a rank: context_parallel_size must be 1")
    tokenizer = _tokenizer(args.hf_checkpoint)
    scores = _scores(rollout_data["rewards"])
    answers: list[Answer | None] = []
    for tokens, length, score in zip(rollout_data["tokens"], rollout_data["response_lengths"], scores, strict=True):
        ids = [int(token) for token in tokens]
        prompt = tokenizer.decode(ids[: len(ids) - length], skip_special_tokens=False)
        known = length > 0 and not math.isnan(score)
        answers.append(Answer(prompt, ids[len(ids) - length :], tokenizer, float(score == 1)) if known else None)
    credits = _credits(args, answers)
    lam = float(os.environ.get("CODASERVE_STEP_CREDIT", "0.3"))
    found = []
    for reward, length, credit, like in zip(
        rollout_data["rewards"], rollout_data["response_lengths"], credits, rollout_data["kl"], strict=True
    ):
        outcome, step = token_advantages(float(reward), length, credit, lam=lam, std=0.0, floor=STD_FLOOR)
        terms = [a + b for a, b in zip(outcome, step, strict=True)]
        found.append(torch.tensor(terms, dtype=torch.float32, device=like.device))
    rollout_data["advantages"] = found
    rollout_data["returns"] = list(found)


def _scores(rewards: Sequence[Any]) -> list[float]:
    """Those of this rank's samples. `raw_reward` has those of all ranks, in another order."""
    if not all(isinstance(one, Reward) for one in rewards):
        raise ValueError(
            "step credit needs the scores that come with the rewards of "
            "--custom-reward-post-process-path codaserve.adapters.slime.post_process_rewards"
        )
    return [one.score for one in rewards]


def _credits(args: Any, answers: Sequence[Answer | None]) -> list[StepCredit | None]:
    """The same on all ranks of a tensor parallel group, whose copies of weights would drift apart otherwise."""
    critics = os.environ.get("CODASERVE_CRITICS", "")
    if getattr(args, "tensor_model_parallel_size", 1) == 1:
        return step_credits(answers, critics, 60.0, 30.0)
    parallel: Any = importlib.import_module("megatron.core.parallel_state")
    found: list[Any] = [None]
    if parallel.get_tensor_model_parallel_rank() == 0:
        found = [step_credits(answers, critics, 60.0, 30.0)]
    group, first = parallel.get_tensor_model_parallel_group(), parallel.get_tensor_model_parallel_src_rank()
    torch.distributed.broadcast_object_list(found, src=first, group=group)
    credits: list[StepCredit | None] = found[0]
    return credits


@functools.cache
def _tokenizer(folder: str) -> Any:
    return load_tokenizer(folder)
