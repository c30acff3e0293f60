r"""Words after a number: magnitudes, which are factors, and units.

Known units get one name, so that `cm^2` and `square centimeters` agree and `m` does not. Other words are a unit only
when they name things that are counted ("5 red marbles"), and nothing in them can change the value.
"""

import re
from collections.abc import Container

from scorer.math.si import named
from scorer.math.vocabulary import CANONICAL, COUNTED, MAGNITUDES, POWERS, POWERS_AFTER, REFUSED, TAIL

_PHRASES = [("miles per hour", "mi/h"), ("mph", "mi/h"), ("kilometers per hour", "km/h"), ("kph", "km/h")]
_COMMAND = re.compile(r"\\(?:text(?:rm|bf|it|normal)?|math(?:rm|bf|it|sf)|mbox|hbox|operatorname)\s*\{([^{}]*)\}")
_UNIT_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z ./'-]|\^\{?-?[1-9]\}?){0,79}")
_MAGNITUDE = re.compile(rf"\s*({'|'.join(MAGNITUDES)})s?(?![a-zA-Z])\s*", re.IGNORECASE)
_WRAPPED_MAGNITUDE = re.compile(
    rf"\s*\\(?:text|mathrm|mbox)\s*\{{\s*({'|'.join(MAGNITUDES)})s?(?![a-zA-Z])\s*", re.IGNORECASE
)
_OTHER_LETTERS = re.compile(r"(?<![A-Za-z.])[MS](?![A-Za-z])")
"""Capitals that are no metre and no second."""
_POWERS = POWERS | POWERS_AFTER
_MAX_WORDS = 5


def split_magnitude(text: str) -> tuple[int, str]:
    r"""The factor that the words after a number begin with, and what follows: ` million dollars` is 10^6 dollars."""
    factor = 1
    while match := _MAGNITUDE.match(text) or _WRAPPED_MAGNITUDE.match(text):
        factor *= MAGNITUDES[match[1].lower()]
        rest = text[match.end() :]
        if "{" in match[0]:
            rest = rest[1:] if rest.startswith("}") else r"\text{" + rest
        text = " " + rest if rest.strip() else ""
    return factor, text


def canonical_unit(text: str) -> str | None:
    r"""The unit that stands after a number in a normalised text, one spelling for all its spellings.

    A unit is made of known units, or is a phrase of plain words whose head ("marbles" in "red marbles in the box") is
    a known unit, a common counted thing or a plural. No word may be one that changes or doubts the value: numbers,
    fractions, operators, negations, comparisons, logic. Bare letters may be unknowns (`5xy`): they are a unit when it
    is a known one, or a word of three letters or more after a space.

    Args:
        text: All that follows the number.

    Returns:
        The unit's name, or None when the text is not a unit.
    """
    if text.replace(" ", "") in (r"^{\circ}", r"\circ"):
        return "degree"
    wrapped = _COMMAND.search(text) is not None
    spaced = text.startswith(" ")
    text = _COMMAND.sub(r" \1 ", text).replace(r"\cdot", " ")
    text = re.sub(r"^\s*\^\{\\circ\}\s*C\b", "degrees Celsius", text)
    text = re.sub(r"^\s*\^\{\\circ\}\s*F\b", "degrees Fahrenheit", text)
    text = re.sub(r"\s+", " ", text).strip(" .()")
    if wrapped or spaced:
        symbols = named(text)
        if symbols != text and (wrapped or len(text) > 1):
            return _canonical_words(symbols)
    if (
        text in ("i", "e")
        or (not wrapped and re.fullmatch("[A-Z]", text))
        or not _UNIT_TEXT.fullmatch(text)
        or _OTHER_LETTERS.search(text)
        or len(text.split()) > _MAX_WORDS
    ):
        return None
    words = re.findall(r"[a-z']+", text.lower().replace("a.m", "am").replace("p.m", "pm"))
    if not _names_things(words):
        return None
    name = text.lower()
    for phrase, replacement in _PHRASES:
        name = name.replace(phrase, replacement)
    known = words[0] in POWERS or _is_known(words[0], CANONICAL) or _is_known(words[0], COUNTED)
    return _canonical_words(name) if wrapped or known or (spaced and len(words[0]) >= 3) else None


def _names_things(words: list[str]) -> bool:
    if words[-1] in POWERS_AFTER and len(words) > 1 and _is_known(words[-2], CANONICAL):
        words = words[:-1]
    if any(word in REFUSED or _singular(word) in REFUSED for word in words):
        return False
    ends = [position for position, word in enumerate(words) if position and word in TAIL]
    head = words[ends[0] - 1] if ends and words[0] not in POWERS else words[-1]
    return _is_known(head, CANONICAL) or _is_known(head, COUNTED) or _is_plural(head)


def _is_known(word: str, table: Container[str]) -> bool:
    return word in table or _singular(word) in table


def _is_plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s"))


def may_be_unknowns(text: str) -> bool:
    """Whether what follows a number could as well be a product with an unknown: `9m` has a unit or an m."""
    return re.fullmatch(r"\s*[A-Za-z](?:\^\{?\d\}?)?\s*", text) is not None


def _canonical_words(text: str) -> str:
    text = re.sub(r"\s*/\s*|\s+per\s+", "/", re.sub(r"[{}]", "", text))
    text = re.sub(r"\s*\^\s*", "^", text)
    numerator, *below = text.split("/")
    return "/".join([_words(numerator), *(_words(part) for part in below)])


def _words(text: str) -> str:
    power = ""
    names: list[str] = []
    for word in text.split():
        if word in _POWERS:
            power = _POWERS[word]
            continue
        word, mark, exponent = word.partition("^")
        names.append((CANONICAL.get(word) or CANONICAL.get(_singular(word)) or _singular(word)) + mark + exponent)
    return " ".join(names) + power


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 2 else word


def split_unit(text: str) -> tuple[str, str]:
    r"""An expression and its unit: `\frac{\pi}{2}\text{ cm}` has `cm`. Only wrapped text and degree signs are units.

    The unit is empty when there is none.
    """
    match = re.search(r"\s*(?:\\(?:text|mathrm|mbox|hbox)\s*\{[^{}]*\}(?:\s*\^\{?[23]\}?)?|\^\{\\circ\})\s*$", text)
    if match is None or not match.start():
        return text, ""
    angle_in_function = "\\circ" in match[0] and re.search(r"\\(?:sin|cos|tan|cot|sec|csc)(?![a-z])", text)
    unit = None if angle_in_function else canonical_unit(match[0])
    return (text[: match.start()].rstrip(), unit) if unit else (text, "")
