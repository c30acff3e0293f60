import pytest

from bench.math.timing import percentile, spread


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentile_is_a_value_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_percentile_of_one_value() -> None:
    assert percentile([3.0], 0.99) == 3.0


def test_spread_is_median_and_range() -> None:
    assert spread([9.04, 12.0, 10.0]) == "10.0 (9.0 to 12.0)"
