"""Step credit: the critic's values of a response's steps, turned into advantages of its tokens.

The outcome says how right a response is against its group, the critic which of its steps made it so. The step
advantages V_k - V_{k-1} are those of Direct Advantage Policy Optimization, arXiv 2412.18279, on a single trajectory.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class StepCredit:
    """A response's steps."""

    advantages: list[float]
    """s_ik, one for each step."""
    token_ends: list[int]
    """The token after each step's last one; strictly increasing is not asked for, a step may have no token."""


def step_advantages(prompt_value: float, values: Sequence[float], outcome: float) -> list[float]:
    """s_k = V_k - V_{k-1}, the verified outcome standing in for the value at the last boundary.

    The sum over steps is outcome - prompt_value, however many steps there are.

    Args:
        prompt_value: V_0.
        values: V_1 to V_n, at the end of each step; the last one is not looked at. Empty for an empty response, which
            is then one step from the prompt to the outcome.
        outcome: The verified correctness, 0 or 1.
    """
    boundaries = [prompt_value, *values[:-1], outcome]
    return [after - before for before, after in itertools.pairwise(boundaries)]


def token_advantages(
    outcome_advantage: float, tokens: int, steps: StepCredit | None, *, lam: float, std: float, floor: float
) -> tuple[list[float], list[float]]:
    """Both terms of every token's advantage, before the question's weight.

    A token of step k gets (1 - lam) A_i + lam s_ik / max(std, floor). The floor keeps groups that are all right or all
    wrong, whose standard deviation is 0, finite.

    Args:
        outcome_advantage: A_i, normalised over the group.
        tokens: Length of the response, the end-of-sequence token included, which belongs to the last step.
        steps: The critic's answer; None when there is none, which makes lam 0 for this response.
        lam: lambda, the share of step credit.
        std: Sample standard deviation of the group's correctness.
        floor: The least that step credit is divided by.

    Returns:
        The outcome terms and the step terms, each one number for each token; their sums are the advantages.

    Raises:
        ValueError: The steps do not cover the tokens.
    """
    if steps is None:
        return [outcome_advantage] * tokens, [0.0] * tokens
    ends = [0, *steps.token_ends]
    if ends[-1] != tokens or any(end < begin for begin, end in itertools.pairwise(ends)):
        raise ValueError(f"steps end at tokens {steps.token_ends}, which does not cover {tokens} tokens")
    scale = lam / max(std, floor)
    credit: list[float] = []
    for index, advantage in enumerate(steps.advantages):
        credit += [scale * advantage] * (ends[index + 1] - ends[index])
    return [(1 - lam) * outcome_advantage] * tokens, credit
