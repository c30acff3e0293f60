"""From scored groups to token advantages, worked by hand."""

import math
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2
from trainer.codapo.steps import StepCredit
from trainer.credit import training_rows
from trainer.groups import Answer, Group
from trainer.rewards.marking import Score
from trainer.rollout.rollout import Rollout
from trainer.settings import TrainerSettings
from trainer.tasks import Question

QUESTION = Question("q", None, "p", scorer_pb2.ScoreItem())


def settings(**sections: Any) -> TrainerSettings:
    keys: dict[str, Any] = {"output_dir": "o", "model": {"path": "p"}, "tasks": {"file": "t"}}
    return TrainerSettings(**keys, **{"critic": {"addresses": ["x:1"]}, **sections})


def answer(correct: bool | None, tokens: int = 2, reward: float | None = None, **rest: Any) -> Answer:
    rollout = Rollout("p", [1], "ab", [2] * tokens, [math.log(0.5)] * tokens, False, [1, 2])
    if correct is None:
        return Answer(rollout, None, "FAILURE_DEADLINE")
    return Answer(rollout, Score(correct, float(correct) if reward is None else reward), **rest)


def test_weight_times_outcome_and_step_terms() -> None:
    steps = StepCredit([0.2, 0.3], [1, 2])
    group = Group(QUESTION, [answer(True, steps=steps), answer(False)])
    rows = training_rows([group], settings(objective={"lambda": 0.25}))
    # c = 1/2, d = 1/2, v = 1/2, weight 0.6. std of (1, 0) is 0.70711, A = +-0.5 / 0.707108 = +-0.707106.
    # First answer, token 1: 0.75 * 0.707106 + 0.25 * 0.2 / 0.70711 = 0.530330 + 0.070711; token 2 with 0.3: 0.106066.
    assert rows[0].weight == pytest.approx(0.6)
    assert rows[0].advantages == pytest.approx([0.6 * 0.601040, 0.6 * 0.636395], abs=1e-5)
    # The second has no critic answer: lambda 0, the outcome counts in full.
    assert rows[1].advantages == pytest.approx([0.6 * -0.707106] * 2, abs=1e-5)


def test_unscored_answers_make_no_row_and_do_not_move_the_others() -> None:
    with_failure = training_rows([Group(QUESTION, [answer(True), answer(None), answer(False)])], settings())
    without = training_rows([Group(QUESTION, [answer(True), answer(False)])], settings())
    assert with_failure == without


def test_a_group_with_one_scored_answer_makes_no_update() -> None:
    groups = [Group(QUESTION, [answer(True), answer(None)]), Group(QUESTION, [answer(True), answer(False)])]
    assert [row.group for row in training_rows(groups, settings())] == [1, 1]


def test_the_step_credit_of_an_all_wrong_group_is_finite() -> None:
    # v = 0, weight delta = 0.1; s = -0.5 at lambda 0.3 over the floor 0.25: 0.1 * 0.3 * -0.5 / 0.25 = -0.06.
    group = Group(QUESTION, [answer(False, 1, steps=StepCredit([-0.5], [1])), answer(False, 1)])
    rows = training_rows([group], settings())
    assert rows[0].advantages == pytest.approx([-0.06])
    assert rows[1].advantages == [0.0]


def test_the_outcome_advantage_is_of_the_reward_and_the_std_of_step_credit_of_the_correctness() -> None:
    # Both wrong, rewards 0.5 and 0: A = +-0.25 / 0.353553; correctness has std 0, so the floor divides.
    steps = StepCredit([0.1], [1])
    group = Group(QUESTION, [answer(False, 1, reward=0.5, steps=steps), answer(False, 1, reward=0.0)])
    row = training_rows([group], settings(objective={"lambda": 0.5}))[0]
    assert row.outcome_terms == pytest.approx([0.5 * 0.70711], abs=1e-4)
    assert row.step_terms == pytest.approx([0.5 * 0.1 / 0.25])


@pytest.mark.parametrize("sections", [{"objective": {"kind": "grpo"}}, {"codapo": {"weighting": False}}])
def test_without_weighting_every_weight_is_1(sections: dict[str, Any]) -> None:
    group = Group(QUESTION, [answer(True), answer(False)])
    assert {row.weight for row in training_rows([group], settings(**sections))} == {1.0}


def test_the_mean_alone_as_baseline_divides_neither_outcome_nor_steps() -> None:
    # Rewards 1 and 0, mean 1/2: A = +-1/2. lambda 1/4, weight 0.6 as above.
    # Token 1: 0.6 * (0.75 * 0.5 + 0.25 * 0.2) = 0.6 * 0.425; token 2 with s = 0.3: 0.6 * 0.45; the other 0.6 * -0.5.
    group = Group(QUESTION, [answer(True, steps=StepCredit([0.2, 0.3], [1, 2])), answer(False)])
    rows = training_rows([group], settings(objective={"lambda": 0.25, "baseline": "mean"}))
    assert rows[0].advantages == pytest.approx([0.6 * 0.425, 0.6 * 0.45])
    assert rows[1].advantages == pytest.approx([-0.3, -0.3])


def test_a_row_pulls_when_a_token_may_have_an_advantage() -> None:
    # All wrong: the outcome's advantage is 0, a step's is not. Whether the critic has answered does not matter.
    with_steps, without = answer(False, steps=StepCredit([0.0, -0.5], [1, 2])), answer(False)
    groups = [Group(QUESTION, [with_steps, without])]
    assert [row.pulls for row in training_rows(groups, settings())] == [True, True]
    no_critic = settings(critic={"enabled": False})
    assert [row.pulls for row in training_rows([Group(QUESTION, [without, without])], no_critic)] == [False, False]
    # d_q = 1, so v_q = 0, which is the weight when nothing is added.
    assert [row.pulls for row in training_rows(groups, settings(codapo={"delta": 0.0}))] == [False, False]
