r"""Words after a number. Known units get one name, so that `cm^2` and `square centimeters` agree and `m` does not."""

import re

_ALIASES = {
    "mm": "mm millimeter millimetre",
    "cm": "cm centimeter centimetre",
    "m": "m meter metre",
    "km": "km kilometer kilometre",
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yard",
    "mi": "mi mile",
    "g": "g gram gm",
    "kg": "kg kilogram",
    "lb": "lb lbs pound",
    "oz": "oz ounce",
    "l": "l liter litre",
    "ml": "ml milliliter millilitre",
    "s": "s sec second",
    "min": "mins minute",
    "h": "h hr hour",
    "d": "d day",
    "dollar": "dollar usd buck",
    "cent": "cent",
    "degree": "degree deg",
}
_CANONICAL = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_PHRASES = [("miles per hour", "mi/h"), ("mph", "mi/h"), ("kilometers per hour", "km/h"), ("kph", "km/h")]
_POWERS = {"square": "^2", "sq": "^2", "cubic": "^3", "cu": "^3", "squared": "^2", "cubed": "^3"}
_COMMAND = re.compile(r"\\(?:text(?:rm|bf|it|normal)?|math(?:rm|bf|it|sf)|mbox|hbox|operatorname)\s*\{([^{}]*)\}")
_UNIT_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z ./'-]|\^\{?-?[1-9]\}?){0,79}")
_NOT_UNITS = re.compile(
    r"\b(?:or|and|not|but|maybe|perhaps|plus|minus|times|divided|to|through|mod|over|if|is|was|are|than|approximately"
    r"|pi|theta|alpha|beta|gamma|lambda|phi|omega|sin|cos|tan|cot|sec|csc|log|ln|exp|sqrt|det|max|inf|infinity)\b",
    re.IGNORECASE,
)
_MAX_WORDS = 5


def canonical_unit(text: str) -> str | None:
    r"""The unit that stands after a number in a normalised text, one spelling for all its spellings.

    Wrapped text (`\text{ apples}`) is a unit whatever it says, unless it joins or negates ("5 or 6"). Bare letters may
    be unknowns (`5xy`): they are a unit when it is a known one, or a word of three letters or more after a space.

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
    text = re.sub(r"^\s*\^\{\\circ\}\s*(?=[CF]\b)", "degree ", text)
    text = re.sub(r"\s+", " ", text).strip(" .()")
    if (
        text in ("i", "e")
        or not _UNIT_TEXT.fullmatch(text)
        or _NOT_UNITS.search(text)
        or len(text.split()) > _MAX_WORDS
    ):
        return None
    name = text.lower()
    for phrase, replacement in _PHRASES:
        name = name.replace(phrase, replacement)
    name = _canonical_words(name)
    first = re.split(r"[ /^]", text, maxsplit=1)[0].lower()
    known = first in _CANONICAL or _singular(first) in _CANONICAL or first in _POWERS or "/" in name
    word = spaced and len(first) >= 3 and re.search("[aeiouy]", first) is not None
    return name if wrapped or known or word else None


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
        word, _, exponent = word.partition("^")
        power = f"^{exponent}" if exponent else power
        names.append(_CANONICAL.get(word) or _CANONICAL.get(_singular(word)) or _singular(word))
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
