"""Where a response stops thinking and begins to answer."""

import re

_CLOSING = re.compile(
    r"</(?:think|thinking|thought|thoughts|reasoning|scratchpad|reflection)>|<\|end_of_thought\|>|◁/think▷",
    re.IGNORECASE,
)


def answer_part(response: str) -> str:
    """What follows the last thought; the whole response when nothing does, so that only the thought can answer."""
    if "</" not in response and "◁" not in response and "<|" not in response:
        return response
    position = 0
    for closing in _CLOSING.finditer(response):
        position = closing.end()
    return response[position:] if response[position:].strip() else response
