import math

import pytest

from bench.reproduce.results import Curve
from bench.reproduce.seeds import Interval, mean_curve, paired_p, reached, rising


def test_rollouts_until_a_level_are_found_between_evaluations() -> None:
    curve = Curve([0, 100, 200], [0.4, 0.5, 0.7])
    assert reached(curve, 0.4) == 0
    assert reached(curve, 0.55) == pytest.approx(125)  # a quarter of the way from 0.5 to 0.7
    assert math.isinf(reached(curve, 0.71))


def test_an_interval_is_students() -> None:
    # Mean 0.5, standard deviation 0.1, of three: 4.303 * 0.1 / sqrt(3).
    one = Interval.of([0.4, 0.5, 0.6])
    assert one.mean == pytest.approx(0.5)
    assert one.half == pytest.approx(0.2484, abs=1e-4)


def test_the_paired_test_is_students() -> None:
    # Two values: one degree of freedom, whose distribution is Cauchy's. Mean 2, standard error 1, so t = 2 and
    # p = 1 - 2 atan(2) / pi.
    assert paired_p([1.0, 3.0]) == pytest.approx(1 - 2 * math.atan(2) / math.pi)
    # Three: two degrees of freedom, p = 1 - t / sqrt(2 + t^2). Mean 2, deviation 1, t = 2 sqrt(3).
    assert paired_p([1.0, 2.0, 3.0]) == pytest.approx(1 - math.sqrt(12 / 14))
    # Five: at 2.776 standard errors from 0, as in an interval, p is 5%. The deviation of 0, 1, -1, 1, -1 is 1.
    values = [2.776 / math.sqrt(5) + one for one in (0, 1, -1, 1, -1)]
    assert paired_p(values) == pytest.approx(0.05, abs=1e-4)
    assert paired_p([0.0, 0.0]) == 1 and paired_p([0.1, 0.1]) == 0


def test_a_mean_curve_is_that_of_each_evaluation() -> None:
    mean = mean_curve([Curve([0, 10], [0.25, 0.5]), Curve([0, 12], [0.75, 1.0])])
    assert mean == Curve([0, 11], [0.5, 0.75])


def test_a_rising_curve_pools_what_fell() -> None:
    # 0.6 and 0.4 become their mean; then 0.5 is at the pool's own height; 0.7 at the end pulls 0.9 down with it.
    curve = Curve(range(6), [0.1, 0.6, 0.4, 0.5, 0.9, 0.7])
    assert rising(curve).accuracy == pytest.approx([0.1, 0.5, 0.5, 0.5, 0.8, 0.8])
    # A late fall reaches back through several pools: (0.5 + 0.6 + 0.1) / 3.
    assert rising(Curve(range(4), [0.2, 0.5, 0.6, 0.1])).accuracy == pytest.approx([0.2, 0.4, 0.4, 0.4])
