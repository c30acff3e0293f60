"""Confidence, difficulty and value of a question, and the normalised advantages of its responses.

CoDaPO, arXiv 2606.07950. Every function takes the scored responses of one group only: a response without a verdict has
no place in any statistic, so the caller leaves it out. Nothing here carries a gradient.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STD_EPSILON = 1e-6
"""Added to the standard deviation of the rewards, as in the paper's formula."""
MIN_SCORED = 2
"""Fewer scored responses give no baseline, so the group makes no update and no evidence for resampling."""


@dataclass(frozen=True)
class GroupValue:
    """c_q, d_q and v_q, each in [0, 1]."""

    confidence: float
    difficulty: float
    value: float


def confidence(log_probabilities: Sequence[Sequence[float]]) -> float:
    """c_q = exp((1/G) sum_i (1/|o_i|) sum_t log pi(o_it)), the geometric mean of length-normalised likelihoods.

    Args:
        log_probabilities: For each response the natural logarithms of its tokens' probabilities under the policy that
            sampled them.

    Raises:
        ValueError: There is no response, or one has no tokens.
    """
    if not log_probabilities or not all(len(tokens) for tokens in log_probabilities):
        raise ValueError("log_probabilities: at least one response, and at least one token in each, are needed")
    means = [math.fsum(tokens) / len(tokens) for tokens in log_probabilities]
    return math.exp(math.fsum(means) / len(means))


def difficulty(correct: Sequence[bool]) -> float:
    """d_q = 1 - mean_i y_i, of the binary correctness and never of the reward.

    Raises:
        ValueError: There is no response.
    """
    if not correct:
        raise ValueError("correct: at least one response is needed")
    return 1 - sum(correct) / len(correct)


def question_value(confidence: float, difficulty: float) -> float:
    """v_q = V_c(c_q) V_d(d_q) with V_c(x) = x and V_d(x) = 1 - 4 (x - 1/2)^2."""
    return confidence * (1 - 4 * (difficulty - 0.5) ** 2)


def group_value(log_probabilities: Sequence[Sequence[float]], correct: Sequence[bool]) -> GroupValue | None:
    """All three of one group's scored responses, or None when there are fewer than two.

    Raises:
        ValueError: The two differ in length, or a response has no tokens.
    """
    if len(log_probabilities) != len(correct):
        raise ValueError(f"{len(log_probabilities)} responses, but {len(correct)} verdicts")
    if len(correct) < MIN_SCORED:
        return None
    c, d = confidence(log_probabilities), difficulty(correct)
    return GroupValue(c, d, question_value(c, d))


def sample_std(values: Sequence[float]) -> float:
    """Standard deviation with n - 1.

    Raises:
        ValueError: There are fewer than two values.
    """
    if len(values) < MIN_SCORED:
        raise ValueError("a standard deviation needs two values")
    if min(values) == max(values):
        return 0.0  # a rounded mean of equal values may differ from them, and 1e-17 / (0 + 1e-6) is not 0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def normalised_advantages(rewards: Sequence[float]) -> list[float]:
    """(r_i - mean r) / (std r + 1e-6), one for each scored response; all 0 when the rewards are equal.

    Raises:
        ValueError: There are fewer than two rewards.
    """
    std = sample_std(rewards)
    return [advantage / (std + STD_EPSILON) for advantage in centred_advantages(rewards)]


def centred_advantages(rewards: Sequence[float]) -> list[float]:
    """r_i - mean r, one for each scored response; all 0 when the rewards are equal.

    The baseline of arXiv 2503.20783: where the standard deviation does not divide, groups that are nearly all right or
    nearly all wrong get no larger advantages than others.

    Raises:
        ValueError: There are fewer than two rewards.
    """
    if sample_std(rewards) == 0:
        return [0.0] * len(rewards)
    mean = math.fsum(rewards) / len(rewards)
    return [reward - mean for reward in rewards]


def question_weight(value: float, delta: float) -> float:
    """CoDaWeighting: v_q + delta, which multiplies every advantage of the question."""
    return value + delta
