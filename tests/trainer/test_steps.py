"""The critic's answers, good ones and others."""

from collections.abc import Sequence

import pytest

from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import scorer_pb2
from trainer.groups import Answer, Group
from trainer.rewards.marking import Score
from trainer.rollout.rollout import Rollout
from trainer.steps import INVALID_ANSWER, value_steps
from trainer.tasks import Question

QUESTION = Question("q", None, "prompt", scorer_pb2.ScoreItem())


def group(*correct: bool | None, text: str = "a\nb") -> Group:
    """Answers of three characters, a token each, and the end of sequence; None is unscored."""
    ids, ends = [1] * len(text) + [0], [*range(1, len(text) + 1), len(text)]
    rollout = Rollout("prompt", [9], text, ids, [-1.0] * len(ids), False, ends)
    return Group(QUESTION, [Answer(rollout, None if y is None else Score(y, float(y))) for y in correct])


def step(value: float, begin: int, end: int) -> pb.StepValue:
    return pb.StepValue(value=value, tokens=pb.Span(begin=begin, end=end))


def values(*responses: Sequence[pb.StepValue], prompt: float = 0.5) -> pb.GroupEvaluation:
    found = [pb.ResponseValues(steps=steps) for steps in responses]
    return pb.GroupEvaluation(values=pb.GroupValues(prompt_value=prompt, responses=found))


def test_the_request_has_what_the_critic_needs_and_only_scored_answers() -> None:
    asked: list[pb.StateGroup] = []

    def evaluate(groups: Sequence[pb.StateGroup]) -> Sequence[pb.GroupEvaluation]:
        asked.extend(groups)
        return [pb.GroupEvaluation(failure=pb.CriticFailure(code=pb.CRITIC_FAILURE_TOO_LONG))] * len(groups)

    value_steps([group(True, None, False), group(True, None)], evaluate, name="4")
    assert [request.id for request in asked] == ["4/0"]
    assert asked[0].prompt == "prompt"
    assert [response.text for response in asked[0].responses.responses] == ["a\nb"] * 2
    assert [response.outcome for response in asked[0].responses.responses] == [1.0, 0.0]
    assert list(asked[0].responses.responses[0].token_ends) == [1, 2, 3, 3]


def test_the_end_of_sequence_belongs_to_the_last_step_and_the_outcome_ends_it() -> None:
    it = group(True, False)
    # 0.5 -> 0.8 -> y; the critic's own last value 0.9 is replaced by the verified 1 and 0.
    answer = values([step(0.8, 0, 2), step(0.9, 2, 4)], [step(0.25, 0, 2), step(0.9, 2, 4)])
    value_steps([it], lambda groups: [answer], name="1")
    first, second = it.answers
    assert first.steps is not None
    assert second.steps is not None
    assert first.steps.advantages == pytest.approx([0.3, 0.2])
    assert second.steps.advantages == pytest.approx([-0.25, -0.25])
    assert first.steps.token_ends == [2, 4]
    assert first.no_steps == ""


def test_an_empty_response_is_one_step() -> None:
    it = group(True, False, text="")
    value_steps([it], lambda groups: [values([], [], prompt=0.25)], name="1")
    assert [answer.steps and answer.steps.advantages for answer in it.answers] == [[0.75], [-0.25]]
    assert [answer.steps and answer.steps.token_ends for answer in it.answers] == [[1], [1]]


def test_a_failure_is_counted_by_its_code_and_gives_no_value() -> None:
    it = group(True, False)
    failure = pb.GroupEvaluation(failure=pb.CriticFailure(code=pb.CRITIC_FAILURE_UNAVAILABLE))
    value_steps([it], lambda groups: [failure], name="1")
    assert [answer.steps for answer in it.answers] == [None, None]
    assert [answer.no_steps for answer in it.answers] == ["CRITIC_FAILURE_UNAVAILABLE"] * 2


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [step(0.5, 0, 2)],
        [step(0.5, 0, 2), step(0.5, 3, 4)],
        [step(0.5, 1, 4)],
        [step(0.5, 0, 3), step(0.5, 3, 2), step(0.5, 2, 4)],
        [step(float("nan"), 0, 2), step(0.5, 2, 4)],
        [step(1.5, 0, 4)],
        [pb.StepValue(value=0.5)],
    ],
)
def test_steps_that_do_not_fit_are_no_steps(steps: list[pb.StepValue]) -> None:
    it = group(True, False)
    value_steps([it], lambda groups: [values(steps, [step(0.5, 0, 4)])], name="1")
    assert it.answers[0].steps is None
    assert it.answers[0].no_steps == INVALID_ANSWER
    assert it.answers[1].steps is not None


def test_a_response_that_was_not_answered_has_no_steps() -> None:
    it = group(True, False)
    value_steps([it], lambda groups: [values([step(0.5, 0, 4)])], name="1")
    assert [answer.no_steps for answer in it.answers] == ["", INVALID_ANSWER]


def test_nothing_is_asked_when_no_group_can_be_trained_on() -> None:
    def evaluate(groups: Sequence[pb.StateGroup]) -> Sequence[pb.GroupEvaluation]:
        raise AssertionError("asked")

    value_steps([group(True, None), group(None, None)], evaluate, name="1")


@pytest.mark.parametrize("prompt", [float("nan"), -0.1, 1.5])
@pytest.mark.parametrize("text", ["", "a\nb"])
def test_a_prompt_value_that_is_no_probability_is_no_credit(prompt: float, text: str) -> None:
    it = group(True, False, text=text)
    steps = [step(0.5, 0, 4)] if text else []
    value_steps([it], lambda groups: [values(steps, steps, prompt=prompt)], name="1")
    assert [answer.steps for answer in it.answers] == [None, None]
    assert [answer.no_steps for answer in it.answers] == [INVALID_ANSWER] * 2
