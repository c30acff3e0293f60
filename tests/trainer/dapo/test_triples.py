"""Actions and advantages of made states, worked by hand."""

import math

import pytest

from tests.trainer.dapo.made import completion
from trainer.dapo.triples import actions, first_steps, question_value, spread, tells_apart

VALUES = {"a\n": 0.8, "c\n": 0.4}


def test_advantages_worked_by_hand() -> None:
    # Sampled: a, a, b (ends and is wrong, so 0), c. Their mean is (0.8 + 0.8 + 0 + 0.4) / 4 = 0.5, over all four; then
    # one of the two a's is dropped.
    steps = first_steps([
        completion("a\n"), completion("a\n", "other", False), completion("b", None, False), completion("c\n"),
    ])  # fmt: skip
    found = actions(steps, VALUES)
    assert [(action.step.text, action.value) for action in found] == [("a\n", 0.8), ("b", 0.0), ("c\n", 0.4)]
    assert [action.advantage for action in found] == pytest.approx([0.3, -0.5, -0.1])
    assert spread(found) == pytest.approx(0.8)


def test_a_step_has_its_own_tokens_and_their_log_probability_and_an_end_belongs_to_it() -> None:
    going, ending = first_steps([completion("a\n", log=-0.25), completion("b", None, log=-0.25)])
    assert (going.token_ids, going.outcome) == ((ord("a"), ord("\n")), None)
    assert going.log_probability == -0.5
    assert (ending.token_ids, ending.outcome) == ((ord("b"), 0), 1.0)


def test_without_a_verdict_a_completion_is_absent_from_actions_and_mean() -> None:
    # Left: a and c with the mean 0.6.
    steps = first_steps(
        [completion("a\n"), completion("b", None, None), completion("c\n"), completion("c\n", "x", None)]
    )
    found = actions(steps, VALUES)
    assert [action.step.text for action in found] == ["a\n", "c\n"]
    assert [action.advantage for action in found] == pytest.approx([0.2, -0.2])


def test_the_same_text_is_two_actions_when_it_ends_the_answer_once() -> None:
    # V is 0.8 where the answer goes on and 1 where it is found right: mean 0.9.
    found = actions(first_steps([completion("a\n"), completion("a\n", None, True)]), VALUES)
    assert [action.advantage for action in found] == pytest.approx([-0.1, 0.1])


def test_a_step_without_tokens_counts_in_the_mean_and_is_not_trained_on() -> None:
    without = {**completion("c\n"), "first_step_tokens": 0}  # its token reaches into the next step
    found = actions(first_steps([completion("a\n"), without]), VALUES)
    assert [action.step.text for action in found] == ["a\n"]
    assert found[0].advantage == pytest.approx(0.2)


def test_a_value_that_is_missing_is_no_zero() -> None:
    with pytest.raises(KeyError):
        actions(first_steps([completion("a\n"), completion("d\n")]), VALUES)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"a\n": 0.6, "c\n": 0.5}, True),  # 0.6 - 0.5 is a little less than 0.1
        ({"a\n": 0.6, "c\n": 0.501}, False),
        ({"a\n": 0.2, "c\n": 0.9}, True),
    ],
)
def test_states_are_kept_from_the_threshold_on(values: dict[str, float], kept: bool) -> None:
    assert tells_apart(actions(first_steps([completion("a\n"), completion("c\n")]), values), 0.1) == kept


def test_one_action_tells_nothing_apart() -> None:
    assert not tells_apart(actions(first_steps([completion("a\n"), completion("a\n")]), VALUES), 0.0)
    assert actions([], VALUES) == []
    assert not tells_apart([], 0.0)


def test_the_value_of_a_question_worked_by_hand() -> None:
    # Mean log-probabilities -0.2, -0.4 and -0.6: c = exp(-0.4). One of three right: d = 2/3 and
    # 1 - 4 (2/3 - 1/2)^2 = 8/9. The completion without a verdict has no part in it.
    completions = [
        completion("a\n", log=-0.2), completion("b", None, False, log=-0.4), completion("c\n", "x", False, log=-0.6),
        completion("d", None, None, log=-9.0),
    ]  # fmt: skip
    assert question_value(completions, "score") == pytest.approx(math.exp(-0.4) * 8 / 9)
    assert question_value(completions[2:], "score") is None


def test_the_value_of_a_question_with_a_truncated_answer_worked_by_hand() -> None:
    # c = exp(-0.3) of all three, exp(-0.25) without the truncated one.
    # As it stands: two of three right, d = 1/3, 8/9. Wrong: one of three, d = 2/3, 8/9 too, and with the right one gone
    # none of two: d = 1, 0. Left out: one of two, d = 1/2, 1.
    completions = [
        completion("a\n", log=-0.2),
        completion("b\n", "x", log=-0.4, truncated=True),
        completion("c", None, False, log=-0.3),
    ]
    assert question_value(completions, "score") == pytest.approx(math.exp(-0.3) * 8 / 9)
    assert question_value(completions, "wrong") == pytest.approx(math.exp(-0.3) * 8 / 9)
    assert question_value(completions[1:], "wrong") == 0
    assert question_value(completions, "mask") == pytest.approx(math.exp(-0.25))
    assert question_value(completions[1:], "mask") is None
