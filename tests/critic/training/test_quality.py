import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critic.training.quality import Bin, auc, calibration_bins, measure, rank_correlation


def test_measures_by_hand() -> None:
    # bce: (ln 2 + -ln 0.75) / 2; brier: ((0.5 - 0.25)^2 + (0.75 - 1)^2) / 2; both 0.25 off, in bins of their own.
    quality = measure([0.5, 0.75], [0.25, 1.0], [0.5, 0.75], [False, True])
    assert quality.bce == pytest.approx((math.log(2) - math.log(0.75)) / 2)
    assert quality.brier == pytest.approx(0.0625)
    assert quality.calibration_error == pytest.approx(0.25)
    assert (quality.states, quality.auc) == (2, 1.0)


def test_values_at_the_ends_of_the_interval_have_a_finite_cross_entropy() -> None:
    assert measure([0.0, 1.0], [0.0, 1.0], [], []).bce == pytest.approx(0)
    assert math.isfinite(measure([0.0], [1.0], [], []).bce)


def calibration_error(values: list[float], targets: list[float]) -> float:
    return measure(values, targets, [], []).calibration_error


def test_errors_within_a_bin_cancel_and_across_bins_do_not() -> None:
    assert calibration_error([0.41, 0.43], [0.31, 0.53]) == pytest.approx(0)
    assert calibration_error([0.41, 0.51], [0.31, 0.61]) == pytest.approx(0.1)
    assert calibration_error([1.0, 0.95], [1.0, 0.95]) == pytest.approx(0)
    # Two of three states are in a bin that is 0.2 off, one in a bin that is 0.1 off.
    assert calibration_error([0.05, 0.05, 0.95], [0.25, 0.25, 0.85]) == pytest.approx(0.5 / 3)


def test_bins_have_what_is_in_them() -> None:
    assert calibration_bins([0.0, 0.25, 0.75, 1.0], [0.5, 0.0, 0.25, 0.75]) == (
        Bin(0.0, 0.1, 1, 0.0, 0.5),
        Bin(0.2, 0.3, 1, 0.25, 0.0),
        Bin(0.7, 0.8, 1, 0.75, 0.25),
        Bin(0.9, 1.0, 1, 1.0, 0.75),
    )


def test_rank_correlation_by_hand() -> None:
    assert rank_correlation([0.1, 0.2, 0.9], [0.0, 0.5, 0.6]) == pytest.approx(1)
    assert rank_correlation([0.1, 0.2, 0.9], [0.6, 0.5, 0.0]) == pytest.approx(-1)
    # 1 - 6 (0 + 1 + 1) / (3 (9 - 1))
    assert rank_correlation([0.1, 0.2, 0.3], [0.1, 0.3, 0.2]) == pytest.approx(0.5)
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5 over the root of 4.5 * 5.
    assert rank_correlation([0.1, 0.2, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)
    assert rank_correlation([0.5, 0.5], [0.1, 0.2]) is None
    assert rank_correlation([0.1, 0.2], [0.5, 0.5]) is None


def test_rank_correlation_within_questions_by_hand() -> None:
    # The first question is ranked right (1), the second wrong (-1), the third not at all (0); the fourth has nothing to
    # rank. Over all, values follow the questions.
    values = [0.1, 0.2, 0.9, 0.8, 0.5, 0.5, 0.3, 0.4]
    targets = [0.0, 0.1, 0.8, 0.9, 0.4, 0.6, 0.5, 0.5]
    questions = [7, 7, 8, 8, 9, 9, 4, 4]
    quality = measure(values, targets, [], [], questions)
    assert quality.rank_correlation_within == pytest.approx(0)
    assert quality.rank_correlation is not None
    assert quality.rank_correlation > 0.7
    assert measure(values[:4], targets[:4], [], [], [7, 7, 7, 7]).rank_correlation_within == pytest.approx(0.8)
    assert measure(values[6:], targets[6:], [], []).rank_correlation_within is None


def test_auc_by_hand() -> None:
    # Pairs (right, wrong): 0.8 > 0.4, 0.8 > 0.6, 0.5 > 0.4, 0.5 < 0.6: 3 of 4.
    assert auc([0.8, 0.4, 0.5, 0.6], [True, False, True, False]) == 0.75
    assert auc([0.5, 0.5, 0.5], [True, False, True]) == 0.5
    assert auc([0.5, 0.7], [True, True]) is None
    assert auc([], []) is None


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), max_size=20))
def test_auc_is_the_share_of_pairs_in_order(cases: list[tuple[float, bool]]) -> None:
    right = [value for value, label in cases if label]
    wrong = [value for value, label in cases if not label]
    pairs = [(r > w) + (r == w) / 2 for r in right for w in wrong]
    expected = sum(pairs) / len(pairs) if pairs else None
    assert auc([value for value, _ in cases], [label for _, label in cases]) == pytest.approx(expected)
