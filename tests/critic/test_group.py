import math

import pytest

from codaserve.v1 import critic_pb2 as pb
from critic.errors import GroupError
from critic.group import cut, most_tokens

ONE = pb.Responses(responses=[pb.Response(text="a")])


def responses(*items: pb.Response, prompt: str = "q") -> pb.StateGroup:
    return pb.StateGroup(id="g", prompt=prompt, responses=pb.Responses(responses=items))


def alternatives(prefix: str, *steps: pb.Alternative) -> pb.StateGroup:
    return pb.StateGroup(id="g", prompt="q", alternatives=pb.Alternatives(prefix=prefix, steps=steps))


@pytest.mark.parametrize(
    ("group", "field"),
    [
        (pb.StateGroup(id="x" * 257, prompt="q"), "id"),
        (responses(pb.Response(text="a"), prompt=""), "prompt"),
        (pb.StateGroup(prompt="q"), "continuation"),
        (responses(), "responses.responses"),
        (responses(*[pb.Response(text="a")] * 4), "responses.responses"),
        (responses(pb.Response(), pb.Response(text="ab", step_ends=[1, 1])), "responses.responses[1].step_ends[1]"),
        (responses(pb.Response(text="ab", step_ends=[3])), "responses.responses[0].step_ends[0]"),
        (responses(pb.Response(text="", step_ends=[1])), "responses.responses[0].step_ends[0]"),
        (responses(pb.Response(text="ab", token_ends=[2, 1])), "responses.responses[0].token_ends[1]"),
        (responses(pb.Response(text="ab", token_ends=[3])), "responses.responses[0].token_ends[0]"),
        (responses(pb.Response(text="a", outcome=1.5)), "responses.responses[0].outcome"),
        (responses(pb.Response(text="a", outcome=math.nan)), "responses.responses[0].outcome"),
        (responses(pb.Response(text="ab", step_token_ends=[1])), "responses.responses[0].step_token_ends"),
        (
            responses(pb.Response(text="ab", token_ends=[2], step_token_ends=[2])),
            "responses.responses[0].step_token_ends[0]",
        ),
        (
            responses(pb.Response(text="ab", token_ends=[1, 2], step_token_ends=[1], step_ends=[1])),
            "responses.responses[0].step_token_ends",
        ),
        (pb.StateGroup(prompt="q", responses=ONE, step_rule=pb.STEP_RULE_SEPARATOR), "separator"),
        (pb.StateGroup(prompt="q", responses=ONE, separator="x"), "separator"),
        (
            pb.StateGroup.FromString(pb.StateGroup(prompt="q", responses=ONE).SerializeToString() + b"\x28\x09"),
            "step_rule",
        ),
        (alternatives("p"), "alternatives.steps"),
        (alternatives("p", *[pb.Alternative(text="a")] * 4), "alternatives.steps"),
        (alternatives("p", pb.Alternative(text="a"), pb.Alternative()), "alternatives.steps[1].text"),
        (alternatives("p", pb.Alternative(text="a", outcome=-1)), "alternatives.steps[0].outcome"),
    ],
)
def test_invalid_input_names_the_field(group: pb.StateGroup, field: str) -> None:
    with pytest.raises(GroupError) as caught:
        cut(group, max_responses=3)
    failure = caught.value.failure
    assert (failure.code, failure.field, failure.retryable) == (pb.CRITIC_FAILURE_INVALID_INPUT, field, False)
    assert failure.message.startswith(field)


@pytest.mark.parametrize(
    ("group", "ends"),
    [
        (pb.StateGroup(step_rule=pb.STEP_RULE_NEWLINE), (2, 6, 10)),
        (pb.StateGroup(step_rule=pb.STEP_RULE_BLANK_LINE), (6, 10)),
        (pb.StateGroup(step_rule=pb.STEP_RULE_SEPARATOR, separator="--"), (9, 10)),
    ],
)
def test_the_rule_cuts_responses_without_ends_of_their_own(group: pb.StateGroup, ends: tuple[int, ...]) -> None:
    text = "a\nb \n\nc--d"
    group.prompt = "q"
    group.responses.responses.add(text=text)
    group.responses.responses.add(text="a\nb", step_ends=[1])
    cut_group = cut(group, max_responses=3)
    assert [t.ends for t in cut_group.texts] == [ends, (1, 3)]


def test_ends_may_be_given_in_tokens() -> None:
    response = pb.Response(text="ab cd", token_ends=[2, 3, 5, 5], step_token_ends=[2])
    assert cut(responses(response), max_responses=3).texts[0].ends == (3, 5)


def test_tokens_are_counted_as_bytes_with_the_prompt_in_each_sequence() -> None:
    responses = pb.Responses(responses=[pb.Response(text="é"), pb.Response(text="a" * 90), pb.Response()])
    assert most_tokens(pb.StateGroup(prompt="日 ", responses=responses), 50) == 6 + 50 + 4
    steps = [pb.Alternative(text="ab"), pb.Alternative(text="c")]
    alternatives = pb.Alternatives(prefix="xyz", steps=steps)
    assert most_tokens(pb.StateGroup(prompt="p", alternatives=alternatives), 50) == 6 + 5
    assert most_tokens(pb.StateGroup(prompt="p"), 50) == 0
