"""A StateGroup as it is sent, checked and cut; and its answer. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from codaserve.v1 import critic_pb2 as pb
from critic.encode import CutText
from critic.errors import GroupError, invalid
from critic.steps import OffsetError, explicit_ends, newline_ends, spans, token_ends_checked, token_spans
from critic.values import sibling_advantages, step_advantages, with_outcome

MAX_ID_BYTES = 256


@dataclass(frozen=True)
class CutGroup:
    """A group whose fields are valid.

    Attributes:
        texts: What follows the prompt, one for each response or alternative. An alternative is prefix and step in one
            text, the prefix's end being a step end, so that both kinds of groups read values the same way.
    """

    request: pb.StateGroup
    texts: tuple[CutText, ...]


def refuse_oversized(group: pb.StateGroup, max_characters: int, max_tokens: int) -> None:
    """Refuses, before any work on it, a group that cannot fit.

    Raises:
        GroupError: TOO_LONG, the prompt and a response together have more than `max_characters`.
    """
    own = [response.text for response in group.responses.responses]
    own += [step.text for step in group.alternatives.steps]
    shared = len(group.prompt) + len(group.alternatives.prefix)
    longest = shared + max(map(len, own), default=0)
    if longest > max_characters:
        raise GroupError(
            pb.CRITIC_FAILURE_TOO_LONG,
            f"the longest prompt and response have {longest} characters together; that is more than max_tokens, which "
            f"is {max_tokens}, can hold",
        )


def cut(group: pb.StateGroup, max_responses: int) -> CutGroup:
    """Checks a group and cuts its responses into steps.

    Raises:
        GroupError: INVALID_INPUT, with the field at fault.
    """
    if len(group.id.encode()) > MAX_ID_BYTES:
        raise invalid("id", f"is longer than {MAX_ID_BYTES} bytes")
    if not group.prompt:
        raise invalid("prompt", "is empty; send the prompt as the policy saw it")
    kind = group.WhichOneof("continuation")
    if kind == "responses":
        responses = group.responses.responses
        _count("responses.responses", len(responses), max_responses)
        texts = [_response(response, f"responses.responses[{i}]") for i, response in enumerate(responses)]
    elif kind == "alternatives":
        steps = group.alternatives.steps
        _count("alternatives.steps", len(steps), max_responses)
        prefix = group.alternatives.prefix
        texts = [_alternative(prefix, step, f"alternatives.steps[{i}]") for i, step in enumerate(steps)]
    else:
        raise invalid("continuation", "is missing; set responses or alternatives")
    return CutGroup(group, tuple(texts))


def answer(group: CutGroup, values: Sequence[Sequence[float]], checkpoint: str) -> pb.GroupValues:
    """The values as they are sent.

    Args:
        group: The group.
        values: For each of its texts, the critic's value of the prompt and of each step end.
        checkpoint: Identity of the checkpoint that gave all of them.

    Raises:
        GroupError: INTERNAL, a value is not finite.
    """
    if not all(math.isfinite(value) for row in values for value in row):
        raise GroupError(pb.CRITIC_FAILURE_INTERNAL, "the model gave a value that is not finite for this input")
    if group.request.WhichOneof("continuation") == "responses":
        return _answer_responses(group, values, checkpoint)
    return _answer_alternatives(group, values, checkpoint)


def _count(field: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise invalid(field, f"has {count} entries; send 1 to {most}")


def _response(response: pb.Response, path: str) -> CutText:
    _outcome(response, path)
    text = response.text
    try:
        token_ends_checked(text, response.token_ends)
    except OffsetError as error:
        raise invalid(f"{path}.token_ends[{error.index}]", str(error)) from error
    if not response.step_ends:
        return CutText(text, tuple(newline_ends(text)))
    try:
        return CutText(text, tuple(explicit_ends(text, response.step_ends)))
    except OffsetError as error:
        raise invalid(f"{path}.step_ends[{error.index}]", str(error)) from error


def _alternative(prefix: str, step: pb.Alternative, path: str) -> CutText:
    _outcome(step, path)
    if not step.text:
        raise invalid(f"{path}.text", "is empty; a step has at least one character")
    end = len(prefix) + len(step.text)
    return CutText(prefix + step.text, (len(prefix), end) if prefix else (end,))


def _outcome(message: pb.Response | pb.Alternative, path: str) -> None:
    # Written so that NaN is refused too.
    if message.HasField("outcome") and not 0 <= message.outcome <= 1:
        raise invalid(f"{path}.outcome", f"is {message.outcome}; send a number in [0, 1], or none when it is unknown")


def _known_outcome(message: pb.Response | pb.Alternative) -> float | None:
    return message.outcome if message.HasField("outcome") else None


def _answer_responses(group: CutGroup, values: Sequence[Sequence[float]], checkpoint: str) -> pb.GroupValues:
    prompt_value = values[0][0]
    result = pb.GroupValues(prompt_value=prompt_value, checkpoint=checkpoint)
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
        result.responses.add(steps=steps)
    return result


def _answer_alternatives(group: CutGroup, values: Sequence[Sequence[float]], checkpoint: str) -> pb.GroupValues:
    after = [
        with_outcome(row[-1:], _known_outcome(step))[0]
        for step, row in zip(group.request.alternatives.steps, values, strict=True)
    ]
    return pb.GroupValues(
        prompt_value=values[0][-2],
        alternatives=[
            pb.AlternativeValue(value=value, advantage=advantage)
            for value, advantage in zip(after, sibling_advantages(after), strict=True)
        ],
        checkpoint=checkpoint,
    )
