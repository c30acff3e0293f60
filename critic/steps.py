"""How a response is cut into steps, and which of the caller's tokens each step has.

Offsets are Unicode code points of the response, half-open. Steps lie end to end and cover the whole response, so they
are given by their ends alone.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

STEP_RULE = "newline"
"""Name of the rule that `newline_ends` follows; published by `Info` and written into checkpoints."""

_NEWLINES = re.compile(r"\n+")
_BLANK_LINES = re.compile(r"\n(?:[ \t\r]*\n)+")


def newline_ends(text: str) -> list[int]:
    """Ends of the steps of `text`: one after each run of newlines, and one at its end.

    A step keeps the newlines that close it, so that a blank line makes no step of its own; newlines at the very start
    are a step, since there is no step before for them to close. Empty for an empty text. (Single newlines cut steps in
    arXiv 2412.18279, section 4.1.)
    """
    return _with_last(text, [match.end() for match in _NEWLINES.finditer(text)])


def blank_line_ends(text: str) -> list[int]:
    """Ends of the steps of `text`: one after each run of newlines with a blank line in it, and one at its end.

    Blank lines may hold spaces and tabs.
    """
    return _with_last(text, [match.end() for match in _BLANK_LINES.finditer(text)])


def separator_ends(text: str, separator: str) -> list[int]:
    """Ends of the steps of `text`: one after each occurrence of the separator, and one at its end.

    Args:
        text: The response.
        separator: Not empty. Occurrences do not overlap.
    """
    ends = []
    at = text.find(separator)
    while at >= 0:
        ends.append(at + len(separator))
        at = text.find(separator, ends[-1])
    return _with_last(text, ends)


def _with_last(text: str, ends: list[int]) -> list[int]:
    return ends if not text or (ends and ends[-1] == len(text)) else [*ends, len(text)]


def ends_at_tokens(text: str, token_ends: Sequence[int], step_token_ends: Sequence[int]) -> list[int]:
    """Ends of the steps of `text`, given as counts of a caller's tokens.

    Args:
        text: The response.
        token_ends: Checked, see `token_ends_checked`.
        step_token_ends: Tokens up to the end of each step; the number of tokens is added when it is missing.

    Raises:
        OffsetError: A count is not in range or not greater than the one before; or it separates tokens that end at one
            character, as those of a character that takes several (at the end of the text they may follow: an
            end-of-text token belongs to the last step); or no character is between it and the one before.
    """
    ends: list[int] = []
    previous = 0
    for index, count in enumerate(step_token_ends):
        if not 1 <= count <= len(token_ends):
            raise OffsetError(index, f"{count} is outside; give a count in [1, {len(token_ends)}]")
        if count <= previous:
            raise OffsetError(index, f"{count} follows {previous}; give strictly increasing counts")
        end = token_ends[count - 1]
        if end < len(text) and token_ends[count] == end:
            raise OffsetError(index, f"tokens {count - 1} and {count} both end at character {end}; keep them together")
        if end == (ends[-1] if ends else 0):
            raise OffsetError(index, f"no character of the text is between tokens {previous} and {count}")
        ends.append(end)
        previous = count
    return _with_last(text, ends)


def explicit_ends(text: str, ends: Sequence[int]) -> list[int]:
    """Checks ends that a caller gave for `text` and adds the last one, `len(text)`, when it is missing.

    Raises:
        OffsetError: An end is outside [1, len(text)] or not greater than the one before.
    """
    previous = 0
    for index, end in enumerate(ends):
        if not 1 <= end <= len(text):
            raise OffsetError(index, f"{end} is outside the text; give an offset in [1, {len(text)}]")
        if end <= previous:
            raise OffsetError(index, f"{end} follows {previous}; give strictly increasing offsets")
        previous = end
    return list(ends) if previous == len(text) else [*ends, len(text)]


def spans(ends: Sequence[int]) -> list[tuple[int, int]]:
    """The steps as (begin, end); they partition [0, ends[-1])."""
    return list(zip([0, *ends], ends, strict=False))


def token_ends_checked(text: str, token_ends: Sequence[int]) -> Sequence[int]:
    """Checks a caller's token ends: each in [0, len(text)], not decreasing.

    Raises:
        OffsetError: Otherwise.
    """
    previous = 0
    for index, end in enumerate(token_ends):
        if not 0 <= end <= len(text):
            raise OffsetError(index, f"{end} is outside the text; give an offset in [0, {len(text)}]")
        if end < previous:
            raise OffsetError(index, f"{end} follows {previous}; token ends must not decrease")
        previous = end
    return token_ends


def token_spans(ends: Sequence[int], token_ends: Sequence[int]) -> list[tuple[int, int]]:
    """Each step's span of the caller's tokens; together they partition [0, len(token_ends)) where there are steps.

    A token belongs to the step in which it ends. One that reaches over a boundary therefore belongs to the later step.
    A token without characters (an end-of-text token, or all but the last token of a character that takes several)
    ends where its characters before it end, and stays with them: several tokens may end at one offset, and all of them
    go to the step that holds the character before that offset. A step in which no token ends has an empty span.

    Args:
        ends: Ends of the steps, strictly increasing, the last one the length of the text.
        token_ends: End of each token, not decreasing, none past the last step's end.
    """
    last_tokens = [bisect_right(token_ends, end) for end in ends]
    return spans(last_tokens)


class OffsetError(ValueError):
    """An offset that does not fit the text.

    Attributes:
        index: Which of the offsets.
    """

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index
