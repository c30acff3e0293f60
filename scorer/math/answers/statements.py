r"""Statements that are said in several ways: no solution, infinitely many, does not exist, yes and no."""

import re

from scorer.math.answers.spoken import Spoken, fold

_THING = (
    r"(?:(?:integer |such |possible |valid |real )?"
    r"(?:solutions?|answers?|roots?|numbers?|integers?|values?|functions?|pairs?|triples?|x|n))"
)
_EXIST = r"(?: (?:exists?|is possible|are possible))?"
_PATTERNS = {
    "yes": r"yes|yes it is|yes it does|yes they are",
    "no": r"no|no it is not|no it does not|no they are not",
    "true": r"true",
    "false": r"false",
    "no solution": (
        rf"(?:there (?:is|are) |(?:equation|system|it) has |has )?no (?!real ){_THING}{_EXIST}|none|none exists?"
        r"|empty set|null set|no solution set|there are none"
    ),
    "no real solution": (
        r"(?:there (?:is|are) |(?:equation|system|it) has |has )?no real (?:solutions?|roots?|numbers?|values?)"
        rf"{_EXIST}"
    ),
    "does not exist": r"(?:(?:limit|it|this|value|derivative) )?(?:does not exist|doesnt exist|is undefined)"
    r"|dne|d\.n\.e|undefined|not defined",
    "infinity": (
        r"(?:positive |plus |\+ ?)?(?:infinity|inf)"
        rf"|(?:there (?:is|are) )?(?:infinitely many|infinite number of|infinite number|infinite)(?: {_THING})?"
    ),
    "-infinity": r"(?:negative |minus |- ?)(?:infinity|inf)",
    "cannot be determined": (
        r"(?:it )?(?:cannot|can not|cant) be determined|(?:there is )?(?:not enough|insufficient) information"
        r"|undetermined"
    ),
    "equal": r"(?:they|both) are (?:equal|the same|same)|equal|the same|same|they are both (?:equal|the same|same)",
    "convergent": r"(?:it |(?:the )?(?:series|sequence|integral) )?(?:converges|is convergent)|convergent",
    "divergent": r"(?:it |(?:the )?(?:series|sequence|integral) )?(?:diverges|is divergent)|divergent",
    "neither": r"neither|neither even nor odd|neither of (?:them|these)",
    "all of the above": r"all of above",
    "none of the above": r"none of above|none of these",
}
_STATEMENTS = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_SIGNS = {
    r"\emptyset": "no solution",
    r"\{\}": "no solution",
    r"\oslash": "no solution",
    r"\infty": "infinity",
    r"+\infty": "infinity",
    r"-\infty": "-infinity",
}
_MOST_CHARS = 80


def statement(said: Spoken) -> str:
    """The name of what an answer states; empty when it is none of these."""
    if len(said.plain) > _MOST_CHARS:
        return ""
    sign = _SIGNS.get(said.text.replace(" ", ""))
    if sign:
        return sign
    text = fold(said.plain)
    for name, pattern in _STATEMENTS.items():
        if pattern.fullmatch(text):
            return name
    return ""
