import pytest
from hypothesis import given
from hypothesis import strategies as st

from critic.values import sibling_advantages, step_advantages, with_outcome

values = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_step_advantages_by_hand() -> None:
    assert step_advantages(0.5, [0.75, 0.25, 1.0]) == [0.25, -0.5, 0.75]
    assert step_advantages(0.5, []) == []


@given(st.floats(0, 1), values)
def test_step_advantages_telescope(prompt_value: float, after: list[float]) -> None:
    assert sum(step_advantages(prompt_value, after)) == pytest.approx(after[-1] - prompt_value, abs=1e-12)


def test_an_outcome_replaces_the_last_value_only() -> None:
    assert with_outcome([0.25, 0.5], 1.0) == [0.25, 1.0]
    assert with_outcome([0.25, 0.5], 0.0) == [0.25, 0.0]
    assert with_outcome([0.25, 0.5], None) == [0.25, 0.5]
    assert with_outcome([], 1.0) == []


def test_sibling_advantages_by_hand() -> None:
    # The mean of 0.25, 0.5 and 0.75 is 0.5.
    assert sibling_advantages([0.25, 0.5, 0.75]) == [-0.25, 0.0, 0.25]
    assert sibling_advantages([0.3]) == [0.0]


@given(values)
def test_sibling_advantages_sum_to_nothing(siblings: list[float]) -> None:
    assert sum(sibling_advantages(siblings)) == pytest.approx(0, abs=1e-12)
