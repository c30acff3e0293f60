"""Student's t, against printed tables and by hand."""

import pytest

from trainer.page.interval import Interval, difference, mean_interval, t_quantile


@pytest.mark.parametrize(
    ("freedom", "quantile"),  # any table of the t distribution, 97.5%
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (10, 2.228), (30, 2.042), (99, 1.984)],
)
def test_the_quantiles_of_printed_tables(freedom: int, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, abs=6e-4)


def test_three_seeds_by_hand() -> None:
    # Mean 0.5, deviation 0.1, so 4.303 * 0.1 / sqrt(3) = 0.2484 to each side.
    found = mean_interval([0.4, 0.5, 0.6])
    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(0.2516, abs=1e-4)
    assert found.high == pytest.approx(0.7484, abs=1e-4)


def test_one_seed_has_no_interval() -> None:
    assert mean_interval([0.4]) == Interval(0.4)


def test_the_interval_of_a_difference() -> None:
    # Before 0.5 - 0.3 .. 0.5 + 0.04, after 0.8 - 0.03 .. 0.8 + 0.4: 0.05 = hypot(0.03, 0.04), 0.5 = hypot(0.4, 0.3).
    found = difference(Interval(0.5, 0.2, 0.54), Interval(0.8, 0.77, 1.2))
    assert [found.value, found.low, found.high] == pytest.approx([0.3, 0.25, 0.8])
    assert difference(Interval(0.5), Interval(0.8)).low is None


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [(Interval(0.1, 0.01, 0.2), "up"), (Interval(-0.1, -0.2, -0.01), "down"), (Interval(0.1, -0.1, 0.3), "open")],
)
def test_what_is_clear_of_0(interval: Interval, verdict: str) -> None:
    assert interval.verdict == verdict
    assert Interval(interval.value).verdict == "open"
