"""Where a response ends and another speaker begins: models that miss their end go on with questions of their own."""

import re
from collections.abc import Callable
from itertools import islice

_ROLE = r"(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>)\s{0,3}"
_OTHER = re.compile(rf"{_ROLE}(?:user|human|system)\b|<\|(?:user|human|system)\|>|<[|｜]User[|｜]>|\[INST\]")
_OWN = re.compile(rf"{_ROLE}(?:assistant|model)\b|<\|assistant\|>|<[|｜]Assistant[|｜]>|\[/INST\]")
_END = re.compile(
    r"<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|end|eos)\|>|<[|｜]end[▁_]of[▁_]sentence[|｜]>|<end_of_turn>|</s>"
)
_BEGIN = re.compile(r"(?:\s|<s>|<\|begin_of_text\|>|<[|｜]begin[▁_]of[▁_]sentence[|｜]>)*")
_SPEAKER = re.compile(
    r"^(?:#{1,6}\s{0,2})?\**(?:Human|User|Question|New question|Problem|Exercise|Instruction|Q)\**\s{0,2}:",
    re.MULTILINE,
)
_SPEAKERS = ("Human", "User", "uestion", "Problem", "Exercise", "Instruction", "Q:", "Q*")
"""A speaker cannot do without one of them: to look for those first takes a tenth of the time."""
_HINTS = ("<|", "<｜", "</s>", "_of_turn>", "INST]")
"""Every token of a chat has one of them."""
_MOST_SPEAKERS = 4


def own_turn(response: str) -> str:
    """What stands before the first token that ends the turn, without a prompt that is repeated in front of it."""
    if not any(hint in response for hint in _HINTS):
        return response
    start = _BEGIN.match(response)
    if start and _OTHER.match(response, start.end()):
        own = _OWN.search(response, start.end())
        response = response[own.end() :] if own else response[start.end() :]
        if own is None:
            return response
    for pattern in (_END, _OTHER):
        for token in pattern.finditer(response):
            if response[: token.start()].strip() not in ("", "<s>"):
                response = response[: token.start()]
                break
    return response


def before_next_question(response: str, answers: Callable[[str], bool]) -> str:
    """The response up to a line that begins with another speaker's name, if it has an answer by then.

    Args:
        response: Without tokens of chats.
        answers: Whether a text announces an answer.
    """
    if not any(name in response for name in _SPEAKERS):
        return response
    for speaker in islice(_SPEAKER.finditer(response), _MOST_SPEAKERS):
        before = response[: speaker.start()]
        if before.strip() and answers(before):
            return before
    return response
