r"""Words with which a response doubts, denies or takes back a value: a value that it does not stand by is no answer."""

import re

_NEXT_CHARS = 300
_CORRECTION = re.compile(
    r"\b(?:wait|no|actually|correction|corrected|sorry|oops|mistakes?|wrong|incorrect|hmm+|rather|instead|re-?check\w*"
    r"|second thought|reflection|reconsider\w*|scratch|but|however|i mean|not)\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"[\s\W]{0,20}(?:wait|actually|oops|hmm+|scratch that|on second thought|correction|sorry|just kidding"
    r"|edit(?=\s*[:—-])|no(?=\s*[,.!;:–—-]|\s+wait)"
    r"|or(?:\s+(?:maybe|perhaps|possibly))?(?=\s*,?\s*[-+\\$(]*\d)|maybe|perhaps|possibly)\b",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"([^.\n]{0,40}?)\b(?:is|was|'s|am)\s+(?:probably |clearly |definitely |also )?"
    r"(?:wrong|incorrect|mistaken|a mistake|an error|false|not (?:right|correct|true|it|the answer))\b",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bneither|\bcannot)\s{1,3}(?:(?:be|equal|exactly|simply|just|to)\s{1,3}){0,2}[\s$\\(\[*]{0,6}\Z",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"[\s$\\)\].,*]{0,6}(?:(?:is|was|are|would be|looks|seems)\s+(?:clearly |probably )?"
    r"(?:wrong|incorrect|not|impossible|false)\b|(?:isn|wasn|can|couldn|won)['’]t\b|cannot\b|\?)",
    re.IGNORECASE,
)
_OF_THE_GOLD = re.compile(
    r"\b(?:gold|golden|reference|expected|ground[- ]truth|official|target|wrong|incorrect|previous|student['’]?s)"
    r"\s{1,3}(?:final\s{1,3})?(?:answers?|solutions?|labels?|values?|results?)\b|\bground[- ]truth\b|\bgold\s?:",
    re.IGNORECASE,
)
_UNKNOWING = re.compile(
    r"\b(?:no idea|not sure|unsure|(?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|unable to)\s+"
    r"(?:know|tell|say|solve|determine|find|answer|decide)|(?:is|are) unknown)\b",
    re.IGNORECASE,
)
_UNDETERMINED = re.compile(
    r"\b(?:cannot|can['’]t|could not|couldn['’]t|can not) be (?:determined|found|solved|computed|calculated|known)\b",
    re.IGNORECASE,
)
"""An answer by itself, and with values in its sentence a word about those."""
_PROGRAM = re.compile(r"\s*(?:def\s+\w+\s*\(|import\s+\w|return\b|print\s*\()")
_ORDER = re.compile(r"\bmark(?:ed)?\s+(?:this|it|me|my)\b[^.\n]{0,40}\b(?:correct|right)\b", re.IGNORECASE)
_GUESSING = re.compile(r"\b(?:maybe|perhaps|possibly|might|could|guess|either)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(?:if|suppose|were|had)\b[^.\n]{0,200}\bwould\b", re.IGNORECASE)


def corrects(between: str) -> bool:
    """Whether the text between two answers says that the second one takes the place of the first."""
    return _CORRECTION.search(between) is not None


def taken_back(after: str, value: str) -> bool:
    """Whether what follows the last answer withdraws it without giving another one in its place.

    A pause for a check ("Wait, let me verify") withdraws nothing when the value comes up again behind it.
    """
    after = after[:_NEXT_CHARS].lstrip(" \t\n$.,;:!*)]}\\\"'`")
    value = value.strip("$ ")
    wrong = _WRONG.match(after)
    if wrong:
        return value in wrong[1] or not any(character.isdigit() for character in wrong[1])  # else another value is
    return _TAKEN_BACK.match(after) is not None and value not in after


def denied_before(before: str) -> bool:
    """Whether a value behind this text is denied."""
    return _DENIED_BEFORE.search(before[-60:]) is not None


def denied(before: str, after: str) -> bool:
    """Whether a value between these two texts is denied or asked for, and not stated."""
    return denied_before(before) or _DENIED_AFTER.match(after[:60]) is not None


def speaks_of_gold(text: str) -> bool:
    """Whether the text talks about what the graders hold to be right, or about another one's answer."""
    return _OF_THE_GOLD.search(text) is not None


def unsure(sentence: str, values: int) -> bool:
    """Whether a sentence with so many values states none of them.

    It does not know, supposes, guesses several, speaks to the graders, or is program text.
    """
    if _PROGRAM.match(sentence) or _ORDER.search(sentence):
        return True
    if _UNKNOWING.search(sentence) or _SUPPOSED.search(sentence) or speaks_of_gold(sentence):
        return True
    if values and _UNDETERMINED.search(sentence):
        return True
    return values > 1 and _GUESSING.search(sentence) is not None
