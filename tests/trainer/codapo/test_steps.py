"""Step credit: numbers worked by hand, telescoping, and groups whose standard deviation is 0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.codapo.steps import StepCredit, step_advantages, token_advantages
from trainer.codapo.values import normalised_advantages, sample_std


def test_step_advantages_are_differences_that_end_in_the_verified_outcome() -> None:
    # V: 0.5 -> 0.75 -> 0.25 -> y = 1 (the critic's 0.9 at the end is not looked at).
    assert step_advantages(0.5, [0.75, 0.25, 0.9], 1.0) == pytest.approx([0.25, -0.5, 0.75])


def test_an_empty_response_is_one_step_to_its_outcome() -> None:
    assert step_advantages(0.25, [], 0.0) == [-0.25]


def test_tokens_get_their_step_and_the_rest_of_the_outcome() -> None:
    # A_i = 2, lambda = 1/4, std = 1/2: outcome term 3/4 * 2 = 1.5; step terms 1/4 * s / 0.5 = s / 2.
    steps = StepCredit([0.25, -0.5], [2, 3])
    outcome, credit = token_advantages(2.0, 3, steps, lam=0.25, std=0.5, floor=0.25)
    assert outcome == pytest.approx([1.5] * 3)
    assert credit == pytest.approx([0.125, 0.125, -0.25])


@pytest.mark.parametrize("correct", [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
def test_trap_all_right_and_all_wrong_groups_stay_finite(correct: list[float]) -> None:
    # std is 0, so the floor 1/4 divides: s = 0.1 at lambda = 1/2 gives 0.5 * 0.1 / 0.25 = 0.2; the outcome term is 0.
    advantage = normalised_advantages(correct)[0]
    outcome, credit = token_advantages(
        advantage, 1, StepCredit([0.1], [1]), lam=0.5, std=sample_std(correct), floor=0.25
    )
    assert outcome == [0.0]
    assert credit == pytest.approx([0.2])


def test_trap_a_missing_critic_answer_makes_lambda_0_for_that_response() -> None:
    outcome, credit = token_advantages(2.0, 2, None, lam=0.5, std=0.5, floor=0.25)
    assert outcome == [2.0, 2.0]
    assert credit == [0.0, 0.0]


def test_lambda_0_is_the_outcome_alone_and_lambda_1_the_steps_alone() -> None:
    steps = StepCredit([0.5], [1])
    assert token_advantages(2.0, 1, steps, lam=0, std=0.5, floor=0.25) == ([2.0], [0.0])
    assert token_advantages(2.0, 1, steps, lam=1, std=0.5, floor=0.25) == ([0.0], [1.0])


def test_a_step_may_have_no_token() -> None:
    _, credit = token_advantages(0.0, 2, StepCredit([0.5, 0.25, 0.125], [1, 1, 2]), lam=1, std=1, floor=0.25)
    assert credit == [0.5, 0.125]


@pytest.mark.parametrize("ends", [[1], [2, 1, 3], [4], []])
def test_steps_that_do_not_cover_the_tokens_are_refused(ends: list[int]) -> None:
    with pytest.raises(ValueError, match="does not cover"):
        token_advantages(0.0, 3, StepCredit([0.0] * len(ends), ends), lam=1, std=1, floor=0.25)


@given(st.floats(0, 1), st.lists(st.floats(0, 1), max_size=12), st.sampled_from([0.0, 1.0]))
def test_steps_telescope_to_the_outcome(prompt: float, values: list[float], outcome: float) -> None:
    assert sum(step_advantages(prompt, values, outcome)) == pytest.approx(outcome - prompt, abs=1e-9)
