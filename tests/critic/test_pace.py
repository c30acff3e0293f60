"""Estimates from the passes of late."""

import pytest

from critic.pace import ENOUGH, RECENT, Pace


def pace_of(*passes: tuple[int, float]) -> Pace:
    """A pace after these passes, tokens and seconds each, the full pass being one of 100 tokens."""
    pace = Pace(100)
    for tokens, seconds in passes:
        pace.ran(tokens, seconds)
    return pace


def test_a_few_passes_tell_nothing() -> None:
    pace = pace_of(*[(100, 1.0)] * (ENOUGH - 1))
    assert (pace.least(100), pace.expected(100)) == (0.0, 0.0)
    pace.ran(100, 1.0)
    assert (pace.least(100), pace.expected(100)) == pytest.approx((1.0, 1.0))


def test_the_least_is_that_of_the_quickest_pass_and_of_the_quickest_tokens() -> None:
    pace = pace_of(*[(100, 2.0)] * ENOUGH, (100, 1.0), (4, 0.5))
    assert pace.least(1) == 0.5
    assert pace.least(300) == pytest.approx(3.0)


def test_small_passes_do_not_tell_how_long_a_queue_is() -> None:
    assert pace_of(*[(1, 0.5)] * RECENT).expected(10_000) == 0.0
    assert pace_of(*[(80, 0.8)] * ENOUGH, *[(1, 0.5)] * ENOUGH).expected(1_000) == pytest.approx(10.0)


def test_one_pass_that_hangs_changes_nothing() -> None:
    assert pace_of(*[(100, 1.0)] * ENOUGH, (100, 300.0)).expected(200) == pytest.approx(2.0)


def test_what_was_long_ago_is_forgotten() -> None:
    pace = pace_of(*[(100, 0.1)] * RECENT, *[(100, 5.0)] * RECENT)
    assert (pace.least(100), pace.expected(100)) == pytest.approx((5.0, 5.0))
