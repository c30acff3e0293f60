"""Numbers worked by hand from arXiv 2606.07950's formulas, and the traps listed for its reference code."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.codapo.values import (
    centred_advantages,
    confidence,
    difficulty,
    group_value,
    normalised_advantages,
    question_value,
    question_weight,
    sample_std,
)


def test_confidence_is_the_geometric_mean_of_length_normalised_likelihoods() -> None:
    # Response 1: probabilities 1/2, 1/8: mean log = (ln 1/2 + ln 1/8) / 2 = ln 1/4.
    # Response 2: probability 1/16: mean log = ln 1/16. Mean of both = (ln 1/4 + ln 1/16) / 2 = ln 1/8.
    assert confidence([[math.log(1 / 2), math.log(1 / 8)], [math.log(1 / 16)]]) == pytest.approx(1 / 8)


def test_confidence_normalises_by_length_before_it_averages_over_responses() -> None:
    # Pooling all tokens would give (3 ln 1/2 + ln 1/16) / 4 = ln 2^-1.75; by response it is (ln 1/2 + ln 1/16) / 2.
    tokens = [[math.log(1 / 2)] * 3, [math.log(1 / 16)]]
    assert confidence(tokens) == pytest.approx(2**-2.5)


def test_difficulty_is_the_share_of_wrong_responses() -> None:
    assert difficulty([True, False, False, False]) == 0.75


def test_value_is_confidence_times_the_parabola_of_difficulty() -> None:
    # V_d(3/4) = 1 - 4 (1/4)^2 = 3/4; times 0.4.
    assert question_value(0.4, 0.75) == pytest.approx(0.3)
    assert question_value(0.4, 0.5) == pytest.approx(0.4)


@pytest.mark.parametrize("correct", [[True, True], [False, False, False]])
def test_a_question_all_right_or_all_wrong_has_value_exactly_0(correct: list[bool]) -> None:
    value = group_value([[-0.1]] * len(correct), correct)
    assert value is not None
    assert value.value == 0


def test_group_value_puts_the_three_together() -> None:
    # Confidence 1/2 (each token 1/2), difficulty 1/2, V_d = 1.
    value = group_value([[math.log(0.5)] * 2, [math.log(0.5)]], [True, False])
    assert value is not None
    assert (value.confidence, value.difficulty, value.value) == pytest.approx((0.5, 0.5, 0.5))


def test_trap_correctness_is_its_own_input_so_a_shaped_reward_does_not_move_the_difficulty() -> None:
    # Rewards 1.2 and 0.2 (a format bonus of 0.2 on both): the difficulty is 1/2 all the same.
    rewards, correct = [1.2, 0.2], [True, False]
    value = group_value([[-1.0], [-1.0]], correct)
    assert value is not None
    assert value.difficulty == 0.5
    # std of (1.2, 0.2) is 1/sqrt 2, so the advantages are +-0.5 / (0.70711 + 1e-6).
    assert normalised_advantages(rewards) == pytest.approx(
        [0.5 / (math.sqrt(0.5) + 1e-6), -0.5 / (math.sqrt(0.5) + 1e-6)]
    )


@pytest.mark.parametrize("scored", [0, 1])
def test_trap_fewer_than_two_scored_responses_have_no_value(scored: int) -> None:
    assert group_value([[-1.0]] * scored, [True] * scored) is None


def test_advantages_use_the_sample_standard_deviation() -> None:
    # Rewards 1, 0, 0, 0: mean 1/4, squares 9/16 + 3/16 = 3/4, over n - 1 = 3: std 1/2. Advantages 3/2 and -1/2.
    assert sample_std([1, 0, 0, 0]) == pytest.approx(0.5)
    assert normalised_advantages([1, 0, 0, 0]) == pytest.approx([1.5, -0.5, -0.5, -0.5], abs=1e-5)


def test_equal_rewards_have_no_advantage_even_where_their_mean_is_rounded() -> None:
    assert normalised_advantages([0.1] * 7) == [0.0] * 7


def test_without_the_standard_deviation_the_mean_alone_is_taken_off() -> None:
    # Mean 1/4: 3/4 and -1/4, where dividing by the standard deviation 1/2 would double them.
    assert centred_advantages([1, 0, 0, 0]) == [0.75, -0.25, -0.25, -0.25]
    assert centred_advantages([0.1] * 7) == [0.0] * 7


def test_weight_adds_delta() -> None:
    assert question_weight(0.3, 0.1) == pytest.approx(0.4)


@pytest.mark.parametrize("tokens", [[], [[-1.0], []]])
def test_confidence_refuses_what_has_no_tokens(tokens: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="log_probabilities"):
        confidence(tokens)


def test_group_value_refuses_verdicts_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="2 responses, but 1 verdicts"):
        group_value([[-1.0], [-1.0]], [True])


responses = st.lists(
    st.tuples(st.lists(st.floats(-20, 0), min_size=1, max_size=5), st.booleans()), min_size=2, max_size=8
)


@given(responses)
def test_all_three_lie_between_0_and_1(group: list[tuple[list[float], bool]]) -> None:
    value = group_value([tokens for tokens, _ in group], [right for _, right in group])
    assert value is not None
    assert all(0 <= number <= 1 for number in (value.confidence, value.difficulty, value.value))


@given(responses, st.randoms(use_true_random=False))
def test_the_order_of_responses_does_not_matter(group: list[tuple[list[float], bool]], random: object) -> None:
    shuffled = list(group)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = group_value([tokens for tokens, _ in group], [right for _, right in group])
    second = group_value([tokens for tokens, _ in shuffled], [right for _, right in shuffled])
    assert first is not None
    assert second is not None
    assert first.value == pytest.approx(second.value)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=16))
def test_advantages_sum_to_0(rewards: list[float]) -> None:
    assert sum(normalised_advantages(rewards)) == pytest.approx(0, abs=1e-4)
