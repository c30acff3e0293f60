"""A StateGroup as it is sent, checked and cut. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from codaserve.v1 import critic_pb2 as pb
from critic.encode import CutText
from critic.errors import GroupError, invalid
from critic.steps import (
    OffsetError,
    blank_line_ends,
    ends_at_tokens,
    explicit_ends,
    newline_ends,
    separator_ends,
    token_ends_checked,
)

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


def most_tokens(group: pb.StateGroup, max_tokens: int) -> int:
    """Tokens that its sequences have at most, common beginnings counted in each, before any work on it.

    Args:
        group: As it was sent.
        max_tokens: Longest sequence.
    """
    shared = len(group.prompt.encode()) + len(group.alternatives.prefix.encode())
    own = [len(response.text.encode()) for response in group.responses.responses]
    own += [len(step.text.encode()) for step in group.alternatives.steps]
    return sum(min(shared + bytes_, max_tokens) for bytes_ in own)  # a token has a byte at least


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
        rule = _rule(group)
        texts = [_response(response, rule, f"responses.responses[{i}]") for i, response in enumerate(responses)]
    elif kind == "alternatives":
        steps = group.alternatives.steps
        _count("alternatives.steps", len(steps), max_responses)
        prefix = group.alternatives.prefix
        texts = [_alternative(prefix, step, f"alternatives.steps[{i}]") for i, step in enumerate(steps)]
    else:
        raise invalid("continuation", "is missing; set responses or alternatives")
    return CutGroup(group, tuple(texts))


def _count(field: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise invalid(field, f"has {count} entries; send 1 to {most}")


def _rule(group: pb.StateGroup) -> Callable[[str], list[int]]:
    if (group.step_rule == pb.STEP_RULE_SEPARATOR) != bool(group.separator):
        raise invalid("separator", "goes with STEP_RULE_SEPARATOR; set both or none")
    match group.step_rule:
        case pb.STEP_RULE_UNSPECIFIED | pb.STEP_RULE_NEWLINE:
            return newline_ends
        case pb.STEP_RULE_BLANK_LINE:
            return blank_line_ends
        case pb.STEP_RULE_SEPARATOR:
            return lambda text: separator_ends(text, group.separator)
        case unknown:
            raise invalid("step_rule", f"{unknown} is unknown to this version")


def _response(response: pb.Response, rule: Callable[[str], list[int]], path: str) -> CutText:
    _outcome(response, path)
    text = response.text
    try:
        token_ends_checked(text, response.token_ends)
    except OffsetError as error:
        raise invalid(f"{path}.token_ends[{error.index}]", str(error)) from error
    if response.step_token_ends:
        if response.step_ends:
            raise invalid(f"{path}.step_token_ends", "is given beside step_ends; send one of them")
        if not response.token_ends:
            raise invalid(f"{path}.step_token_ends", "counts the tokens of token_ends, which is empty; send both")
        try:
            return CutText(text, tuple(ends_at_tokens(text, response.token_ends, response.step_token_ends)))
        except OffsetError as error:
            raise invalid(f"{path}.step_token_ends[{error.index}]", str(error)) from error
    if not response.step_ends:
        return CutText(text, tuple(rule(text)))
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
