"""Advantages from values. Pure functions on plain numbers."""

from collections.abc import Sequence


def with_outcome(values: Sequence[float], outcome: float | None) -> list[float]:
    """The values of a response's step ends, the verified outcome standing in for the last one when it is known.

    The only reward is on the last step (arXiv 2412.18279, section 3.1), so there the reward is exact and the critic an
    estimate.
    """
    if outcome is None or not values:
        return list(values)
    return [*values[:-1], outcome]


def step_advantages(prompt_value: float, values: Sequence[float]) -> list[float]:
    """V_k - V_{k-1} for k = 1..n, where V_0 is the prompt's value: reward and discount being 0 and 1 between steps,
    this is the one-step advantage r + V(s') - V(s). They sum to V_n - V_0.
    """
    return [after - before for before, after in zip([prompt_value, *values], values, strict=False)]


def sibling_advantages(values: Sequence[float]) -> list[float]:
    """A(s, a_i) = V(s + a_i) - mean_j V(s + a_j) (arXiv 2412.18279, eq. 13).

    The baseline is the mean over the sampled steps, not V(s). They sum to 0.

    Args:
        values: V(s + a_i) of each of the steps sampled at one state, at least one.
    """
    mean = sum(values) / len(values)
    return [value - mean for value in values]
