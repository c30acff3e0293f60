import math

import pytest

from codaserve.v1 import critic_pb2 as pb
from critic.answer import answer
from critic.errors import GroupError
from critic.group import cut


def responses(*items: pb.Response) -> pb.StateGroup:
    return pb.StateGroup(id="g", prompt="q", responses=pb.Responses(responses=items))


def alternatives(prefix: str, *steps: pb.Alternative) -> pb.StateGroup:
    return pb.StateGroup(id="g", prompt="q", alternatives=pb.Alternatives(prefix=prefix, steps=steps))


def test_an_empty_response_has_no_steps() -> None:
    group = cut(responses(pb.Response(text="", outcome=1.0, token_ends=[0])), max_responses=3)
    result = answer(group, [[0.25]], "c", 0)
    assert result.prompt_value == 0.25
    assert len(result.responses) == 1
    assert not result.responses[0].steps


def test_answer_for_responses_by_hand() -> None:
    group = cut(
        responses(
            pb.Response(text="é\nb", outcome=1.0, token_ends=[1, 1, 2, 3, 3]),
            pb.Response(text="abcd", step_ends=[1]),
        ),
        max_responses=3,
    )
    # The second response's own 0.26 for the prompt differs by rounding only; one prompt has one value.
    result = answer(group, [[0.25, 0.75, 0.5], [0.26, 0.5, 0.125]], "abc123", 7)
    span = pb.Span
    assert result == pb.GroupValues(
        prompt_value=0.25,
        checkpoint="abc123",
        truncated_tokens=7,
        responses=[
            pb.ResponseValues(
                steps=[
                    pb.StepValue(
                        value=0.75, advantage=0.5, characters=span(begin=0, end=2), tokens=span(begin=0, end=3)
                    ),
                    pb.StepValue(
                        value=1.0, advantage=0.25, characters=span(begin=2, end=3), tokens=span(begin=3, end=5)
                    ),
                ]
            ),
            pb.ResponseValues(
                steps=[
                    pb.StepValue(value=0.5, advantage=0.25, characters=span(begin=0, end=1)),
                    pb.StepValue(value=0.125, advantage=-0.375, characters=span(begin=1, end=4)),
                ]
            ),
        ],
    )
    assert result.responses[0].steps[0].HasField("tokens")
    assert not result.responses[1].steps[0].HasField("tokens")


def test_answer_for_alternatives_by_hand() -> None:
    # Values 0.5, 1 (the outcome) and 0.75 have mean 0.75; the state itself has 0.4, which is no baseline.
    steps = [pb.Alternative(text="a"), pb.Alternative(text="b", outcome=1.0), pb.Alternative(text="c")]
    group = cut(alternatives("so far", *steps), max_responses=3)
    assert [text.text for text in group.texts] == ["so fara", "so farb", "so farc"]
    assert [text.ends for text in group.texts] == [(6, 7)] * 3
    result = answer(group, [[0.3, 0.4, 0.5], [0.3, 0.4, 0.6], [0.3, 0.4, 0.75]], "c", 0)
    assert result.prompt_value == 0.4
    assert [a.value for a in result.alternatives] == [0.5, 1.0, 0.75]
    assert [a.advantage for a in result.alternatives] == [-0.25, 0.25, 0.0]


def test_without_a_prefix_the_state_is_the_prompt() -> None:
    group = cut(alternatives("", pb.Alternative(text="a")), max_responses=3)
    assert group.texts[0].ends == (1,)
    assert answer(group, [[0.3, 0.5]], "c", 0).prompt_value == 0.3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_is_a_failure_even_where_an_outcome_replaces_it(value: float) -> None:
    group = cut(responses(pb.Response(text="a", outcome=1.0)), max_responses=3)
    with pytest.raises(GroupError) as caught:
        answer(group, [[0.5, value]], "c", 0)
    assert caught.value.failure.code == pb.CRITIC_FAILURE_INTERNAL
    assert caught.value.failure.retryable
