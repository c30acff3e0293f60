"""Learning rates by hand."""

import pytest

from trainer.schedule import learning_rate
from trainer.settings import OptimizerSettings


def rates(schedule: str, warmup: int, steps: int) -> list[float]:
    settings = OptimizerSettings(learning_rate=8.0, warmup_steps=warmup, schedule=schedule)
    return [learning_rate(settings, step, steps) for step in range(1, steps + 1)]


def test_constant_after_warmup() -> None:
    assert rates("constant", 2, 4) == [4.0, 8.0, 8.0, 8.0]


def test_linear_reaches_0_one_step_after_the_last() -> None:
    assert rates("linear", 0, 4) == [8.0, 6.0, 4.0, 2.0]
    assert rates("linear", 2, 4) == [4.0, 8.0, 8.0, 4.0]


def test_cosine_is_at_half_in_the_middle() -> None:
    # cos(0) = 1, cos(pi/4), cos(pi/2) = 0, cos(3 pi/4).
    assert rates("cosine", 0, 4) == pytest.approx([8.0, 4 * (1 + 0.5**0.5), 4.0, 4 * (1 - 0.5**0.5)])


def test_a_warmup_longer_than_the_run() -> None:
    assert rates("linear", 8, 2) == [1.0, 2.0]
