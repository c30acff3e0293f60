import math

import pytest

from critic.encode import EncodedSequence
from critic.training.examples import Example
from critic.training.held_out import mean_target, quality

SEQUENCE = EncodedSequence((1, 2, 3), (0, 1, 2))
RIGHT = Example(SEQUENCE, (0.5, math.nan, 1.0), True)
WRONG = Example(SEQUENCE, (0.25, 0.0, 0.0), False)
OPEN = Example(SEQUENCE, (0.75, math.nan, 0.25), None)


def test_finished_answers_and_states_without_labels_are_not_measured() -> None:
    measured = quality([RIGHT, WRONG, OPEN], [[0.5, 0.9, 0.0], [0.25, 0.0, 1.0], [0.75, 0.5, 0.25]])
    assert measured is not None
    assert measured.states == 5
    assert measured.brier == pytest.approx(0)
    # 0.5 and 0.9 on the way to a right answer, 0.25 and 0 to a wrong one.
    assert measured.auc == 1.0
    assert mean_target([RIGHT, WRONG, OPEN]) == pytest.approx((0.5 + 0.25 + 0 + 0.75 + 0.25) / 5)


def test_nothing_to_measure_is_none() -> None:
    assert quality([], []) is None
    assert quality([Example(SEQUENCE, (math.nan, math.nan, 1.0), True)], [[0.5, 0.5, 0.5]]) is None
    assert mean_target([]) == 0.5
