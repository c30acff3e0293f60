"""pass@k and intervals."""

from itertools import combinations

import numpy as np
import pytest

from trainer.estimates import estimate, pass_at_k


def test_pass_at_k_by_hand() -> None:
    # 4 samples, 1 right, k = 2: of 6 pairs 3 miss it: 1 - 3/6.
    assert pass_at_k(4, 1, 2) == 0.5
    assert pass_at_k(4, 0, 4) == 0
    assert pass_at_k(4, 3, 2) == 1
    assert pass_at_k(4, 1, 1) == 0.25


def test_pass_at_k_counts_the_subsets_that_hold_a_right_one() -> None:
    for n in range(1, 7):
        for c in range(n + 1):
            for k in range(1, n + 1):
                subsets = [any(index < c for index in subset) for subset in combinations(range(n), k)]
                assert pass_at_k(n, c, k) == pytest.approx(sum(subsets) / len(subsets))


@pytest.mark.parametrize(("n", "c", "k"), [(2, 3, 1), (2, 1, 3), (2, 1, 0)])
def test_pass_at_k_refuses_what_is_not_defined(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(n, c, k)


def test_wilson_by_hand() -> None:
    # 8 of 10 right, z = 1.96: centre (0.8 + 0.19207) / 1.38415 = 0.71674, half 1.41599 * sqrt(0.016 + 0.0096036)
    # = 1.95996 / 1.38415 * 0.160011 = 0.22658.
    found = estimate([1.0] * 8 + [0.0] * 2)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.49016, 0.94332), abs=1e-4)


def test_none_right_still_leaves_room_above() -> None:
    found = estimate([0.0] * 20)
    assert found.low == 0
    assert 0.1 < found.high < 0.2


def test_equal_fractions_are_not_certain() -> None:
    found = estimate([0.5, 0.5])
    assert found.low < 0.2
    assert found.high > 0.8


def test_the_bootstrap_agrees_with_the_normal_interval() -> None:
    values = np.random.default_rng(1).choice([0, 0.25, 0.5, 0.75, 1], 400).tolist()
    found = estimate(values)
    half = 1.96 * float(np.std(values, ddof=1)) / 20
    assert found.low == pytest.approx(found.value - half, abs=half / 5)
    assert found.high == pytest.approx(found.value + half, abs=half / 5)
    assert estimate(values) == found


def test_nothing_has_no_estimate() -> None:
    with pytest.raises(ValueError, match="at least one"):
        estimate([])
