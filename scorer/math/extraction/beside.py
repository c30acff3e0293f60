"""Words in front of a value that say what part it has in its sentence."""

import re

_BOUND = re.compile(
    r"\b(?:at (?:least|most)|(?:no )?(?:more|less|fewer|greater|larger|smaller) than|up to|not exceeding)[\s$(]{1,4}\Z",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(?:when|where|at|for|if|with|by)\s{1,3}(?:the\s{1,3})?(?:points?\s{1,3})?[$(\s\\]{0,4}\Z", re.IGNORECASE
)
_EXTREME = re.compile(
    r"\b(?:max|min|(?:max|min)im(?:um|al)|greatest|least|largest|smallest|highest|lowest)\b", re.IGNORECASE
)
_SAYS = re.compile(r"\b(?:is|are|was|equals|of|becomes)\s{1,3}[$(\\]{0,3}\Z|=\s{0,3}\Z", re.IGNORECASE)
_NAMED = re.compile(r"[$(]?\s?\\?[A-Za-z]{1,6}(?:_\w)?\s?=.*|\(.*\)", re.DOTALL)


def bound_before(before: str) -> str:
    """The words that make of the value behind them a bound ("at least "); empty when there are none."""
    match = _BOUND.search(before[-40:])
    return match[0].rstrip("$(") if match else ""


def tells_where(sentence: str, value: str) -> bool:
    """Whether a value only tells where an extreme value before it is: the 2 in "The maximum is 7, attained at x = 2".

    Args:
        sentence: Up to the value.
        value: As it is written.
    """
    return bool(_EXTREME.search(sentence[-400:]) and _WHERE.search(sentence[-40:]) and _NAMED.fullmatch(value))


def stated_before(before: str) -> bool:
    """Whether the words in front of a value say that it is what the sentence is about."""
    return _SAYS.search(before[-30:]) is not None
