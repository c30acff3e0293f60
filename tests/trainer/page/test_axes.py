"""Ticks and places."""

import pytest

from trainer.page.axes import HEIGHT, LEFT, WIDTH, Axes, tick_text, ticks


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 1, False, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (1, 4, True, [1, 2, 3, 4]),
        (0, 52, True, [0, 10, 20, 30, 40, 50]),
        (-0.013, 0.009, False, [-0.01, -0.005, 0, 0.005]),
        (3, 3, True, [3]),
    ],
)
def test_ticks_are_round(low: float, high: float, whole: bool, expected: list[float]) -> None:
    assert ticks(low, high, 6 if whole else 5, whole=whole) == pytest.approx(expected)


def test_texts_of_ticks() -> None:
    assert [tick_text(value) for value in (0.2, 1.0, 1000, 50_000, 2e9)] == ["0.2", "1", "1000", "50000", "2e+09"]


def test_places_lie_inside_the_picture() -> None:
    axes = Axes(0, 10, 0, 1)
    assert axes.x(0) == LEFT
    assert axes.x(10) < WIDTH
    assert 0 < axes.y(1) < axes.y(0) < HEIGHT
    assert axes.y(7) == axes.y(1)  # an interval may reach beyond
    assert Axes(3, 3, 0, 0).x(3) == LEFT  # one step alone
