"""The answer to a group, from its values. Pure."""

import math
from collections.abc import Sequence

from codaserve.v1 import critic_pb2 as pb
from critic.errors import GroupError
from critic.group import CutGroup
from critic.steps import spans, token_spans
from critic.values import sibling_advantages, step_advantages, with_outcome


def answer(group: CutGroup, values: Sequence[Sequence[float]], checkpoint: str, truncated: int) -> pb.GroupValues:
    """The values as they are sent.

    Args:
        group: The group.
        values: For each of its texts, the critic's value of the prompt and of each step end.
        checkpoint: Identity of the checkpoint that gave all of them.
        truncated: Tokens of the prompt that were left out.

    Raises:
        GroupError: INTERNAL, a value is not finite.
    """
    if not all(math.isfinite(value) for row in values for value in row):
        raise GroupError(pb.CRITIC_FAILURE_INTERNAL, "the model gave a value that is not finite for this input")
    whole = pb.GroupValues(checkpoint=checkpoint, truncated_tokens=truncated)
    if group.request.WhichOneof("continuation") == "responses":
        _responses(whole, group, values)
    else:
        _alternatives(whole, group, values)
    return whole


def _known_outcome(message: pb.Response | pb.Alternative) -> float | None:
    return message.outcome if message.HasField("outcome") else None


def _responses(whole: pb.GroupValues, group: CutGroup, values: Sequence[Sequence[float]]) -> None:
    prompt_value = whole.prompt_value = values[0][0]
    for response, text, row in zip(group.request.responses.responses, group.texts, values, strict=True):
        after = with_outcome(row[1:], _known_outcome(response))
        tokens = token_spans(text.ends, response.token_ends) if response.token_ends else None
        steps = [
            pb.StepValue(value=value, advantage=advantage, characters=pb.Span(begin=begin, end=end))
            for value, advantage, (begin, end) in zip(
                after, step_advantages(prompt_value, after), spans(text.ends), strict=True
            )
        ]
        for step, (begin, end) in zip(steps, tokens or [], strict=tokens is not None):
            step.tokens.CopyFrom(pb.Span(begin=begin, end=end))
        whole.responses.add(steps=steps)


def _alternatives(whole: pb.GroupValues, group: CutGroup, values: Sequence[Sequence[float]]) -> None:
    after = [
        with_outcome(row[-1:], _known_outcome(step))[0]
        for step, row in zip(group.request.alternatives.steps, values, strict=True)
    ]
    whole.prompt_value = values[0][-2]
    for value, advantage in zip(after, sibling_advantages(after), strict=True):
        whole.alternatives.add(value=value, advantage=advantage)
