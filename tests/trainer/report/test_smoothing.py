import pytest

from trainer.report.smoothing import NEWEST, smooth


def test_it_moves_towards_the_newest_value() -> None:
    assert smooth([0.0, 1.0]) == [0.0, pytest.approx(NEWEST)]


def test_missing_values_keep_the_average() -> None:
    assert smooth([None, 0.5, None, 0.5]) == [None, 0.5, 0.5, 0.5]
