"""Step credit for slime: per-token advantages from the critic. Needs what codaserve's trainer needs.

    --custom-advantage-function-path codaserve.adapters.slime_advantages.advantages

beside what codaserve.adapters.slime says; the critics are those of the environment variable CODASERVE_CRITICS, and
CODASERVE_STEP_CREDIT is lambda, the share of step credit (default 0.3). Each token gets
(1 - lambda) times its response's normalised reward plus lambda times its step's advantage over 0.25, the floor of the
deviation, since a rank does not see whole groups.

No reward is a sample without tokens in the loss, as codaserve.adapters.slime leaves it; a sample of which the critic
knows no steps keeps its normalised reward. Not with context parallelism, where a rank has parts of responses.
"""

import functools
import math
import os
from typing import Any

import torch

from codaserve.adapters.steps import Answer, step_credits
from codaserve.tokenizer import load_tokenizer
from trainer.codapo.steps import token_advantages

STD_FLOOR = 0.25


def advantages(args: Any, rollout_data: dict[str, Any]) -> None:
    """Fills in `advantages` and `returns`, a list with a tensor for each response.

    Raises:
        ValueError: Context parallelism is on.
    """
    if getattr(args, "context_parallel_size", 1) > 1:
        raise ValueError("step credit needs whole responses on a rank: context_parallel_size must be 1")
    tokenizer = _tokenizer(args.hf_checkpoint)
    correct = _outcomes(rollout_data)
    answers: list[Answer | None] = []
    for tokens, length, right in zip(rollout_data["tokens"], rollout_data["response_lengths"], correct, strict=True):
        ids = [int(token) for token in tokens]
        prompt = tokenizer.decode(ids[: len(ids) - length], skip_special_tokens=False)
        known = length > 0 and not math.isnan(right)
        answers.append(Answer(prompt, ids[len(ids) - length :], tokenizer, float(right == 1)) if known else None)
    credits = step_credits(answers, os.environ.get("CODASERVE_CRITICS", ""), 60.0, 30.0)
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


def _outcomes(rollout_data: dict[str, Any]) -> list[float]:
    """The rewards as they were, of this rank's samples: slime sends those of all ranks."""
    raw = rollout_data["raw_reward"]
    if len(raw) == len(rollout_data["tokens"]):
        return [float(one) for one in raw]
    return [float(raw[place]) for place in rollout_data["partition"]]


@functools.cache
def _tokenizer(folder: str) -> Any:
    return load_tokenizer(folder)
