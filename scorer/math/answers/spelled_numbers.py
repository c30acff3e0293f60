"""Numbers that are spelled out: "twelve", "two hundred and five", "three quarters", "15th", "a dozen".

Only whole phrases are read, by the grammar of English numerals; "one two" or "twenty hundred ten five" are nothing.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from scorer.math.answers.spoken import fold, is_words, spoken
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.numbers import Number, numbers_equal, read_number
from scorer.math.vocabulary import REFUSED

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_UNITS.split())}
_TENS_VALUES = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_IRREGULAR = {
    "first": "one",
    "second": "two",
    "third": "three",
    "fifth": "five",
    "eighth": "eight",
    "ninth": "nine",
    "twelfth": "twelve",
}
_DIGIT_ORDINAL = re.compile(r"(?:the )?(\d{1,9})(?:st|nd|rd|th)((?: [a-z]+){0,3})", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:day|week|month|year|no\.|number|grade|level|stage|term|row|column|page|question|problem|step|position|place"
    r"|round|box|door|case|floor) #?(\d{1,9})",
    re.IGNORECASE,
)
_TWICE = re.compile(
    r"(?:(?P<words>[A-Za-z][A-Za-z -]{0,80}) ?\((?P<digits>\d[\d,]{0,19})\)"
    r"|(?P<digits_first>\d[\d,]{0,19}) ?\((?P<words_after>[A-Za-z][A-Za-z -]{0,80})\))(?P<after>(?: [a-z]+){0,3})"
)
"""A number in words and in digits: "seven (7)", "5 (five) apples"."""
_MIXED = re.compile(r"(\d{1,9}) and ((?:an?|one|two|three|four|five) [A-Za-z ]{4,40})", re.IGNORECASE)
"""The whole part in digits: "3 and a half"."""
_MOST_WORDS = 24
_MOST_NOUNS = 6
_OPERATOR_WORDS = "and or point over times plus minus squared cubed of"
_OPERATORS = frozenset(_OPERATOR_WORDS.split())


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number in words."""

    value: Fraction
    after: str = ""
    """What is counted or measured: "apples" of "twelve apples"."""
    ordinal: bool = False


def number_word(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    """Compares two numbers of which at least one is spelled out.

    Returns:
        The judgement; None when neither is spelled out, or one of the two is no plain number.
    """
    if _contradicts_itself(answer_text):
        return Judgement(Outcome.DIFFERENT, "number_word", gold_text, answer_text)
    gold, answer = read_spelled(gold_text), read_spelled(answer_text)
    if gold is None and answer is None:
        return None
    one, other = _number(gold_text, gold), _number(answer_text, answer)
    if one is None or other is None:
        return _beside_ordinal(gold_text, gold, answer_text, answer)
    if gold is not None and answer is not None and gold.ordinal != answer.ordinal and gold.after != answer.after:
        return None
    missing = bool(options.unit_matters and one.unit and not other.unit)
    outcome = Outcome.EQUAL if numbers_equal(one, other) and not missing else Outcome.DIFFERENT
    return Judgement(outcome, "number_word", str(one.value), str(other.value))


def _beside_ordinal(gold_text: str, gold: Spelled | None, answer_text: str, answer: Spelled | None) -> Judgement | None:
    """What is neither a number nor words is no place in an order: "15th or 16th" is not the 15th."""
    place, text = (gold, answer_text) if gold is not None else (answer, gold_text)
    if place is None or not place.ordinal or is_words(spoken(text)):
        return None
    return Judgement(Outcome.DIFFERENT, "number_word", gold_text, answer_text)


def in_digits(text: str) -> str:
    """The same answer with digits instead of a spelled number: "twelve apples" is "12 apples"; else the text itself."""
    spelled = read_spelled(text)
    if spelled is None or spelled.ordinal:
        return text if spelled is None else str(spelled.value)
    sign, value = "-" if spelled.value < 0 else "", abs(spelled.value)
    digits = str(value) if value.denominator == 1 else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    return f"{sign}{digits} {spelled.after}".strip()


def read_spelled(text: str) -> Spelled | None:
    """The number that words are, all of them; None when they are something else."""
    said = spoken(text).plain
    twice = _TWICE.fullmatch(said)
    if twice is not None:
        words = twice["words"] or twice["words_after"]
        return None if _contradicts_itself(text) else read_spelled(words + twice["after"])
    ordinal = _DIGIT_ORDINAL.fullmatch(said)
    if ordinal is not None and REFUSED.isdisjoint(ordinal[2].lower().split()):
        return Spelled(Fraction(ordinal[1]), ordinal[2].strip(), ordinal=True)
    labelled = _LABELLED.fullmatch(said)
    if labelled is not None:
        return Spelled(Fraction(labelled[1]), ordinal=True)
    mixed = _MIXED.fullmatch(said)
    if mixed is not None:
        part = _read(mixed[2].lower().split())
        return Spelled(int(mixed[1]) + part.value, part.after) if part is not None and 0 < part.value < 1 else None
    if not re.fullmatch(r"[A-Za-z][A-Za-z ,.-]*", said):
        return None
    words = re.split(r"[ ,-]+", said.lower().strip(" .,"))
    return _read(words) if len(words) <= _MOST_WORDS else None


def _contradicts_itself(text: str) -> bool:
    """Whether words and digits side by side are two numbers: "seven (8)"."""
    twice = _TWICE.fullmatch(spoken(text).plain)
    if twice is None:
        return False
    spelled = read_spelled(twice["words"] or twice["words_after"])
    digits = twice["digits"] or twice["digits_first"]
    return spelled is not None and not spelled.after and spelled.value != int(digits.replace(",", ""))


def _number(text: str, spelled: Spelled | None) -> Number | None:
    if spelled is None:
        return read_number(spoken(text).text)
    if spelled.ordinal:
        return Number(spelled.value, unit=fold(spelled.after))
    return read_number(in_digits(text))


def _read(words: list[str]) -> Spelled | None:
    definite = words[0] == "the"
    negative = words[0] in ("negative", "minus")
    words = words[1:] if negative or definite else words
    for end in range(len(words), max(0, len(words) - _MOST_NOUNS - 1), -1):
        after = words[end:]
        if not REFUSED.isdisjoint(after[1:]) or not _OPERATORS.isdisjoint(after):
            return None
        value, place = None if definite else _value(words[:end]), None if negative else _ordinal(words[:end])
        if value is not None:
            return Spelled(-value if negative else value, " ".join(after))
        if place is not None and REFUSED.isdisjoint(after):
            return Spelled(Fraction(place), " ".join(after), ordinal=True)
    return None


def _value(words: list[str]) -> Fraction | None:
    """A cardinal, a fraction, both joined by "and", or a decimal."""
    whole = _cardinal(words)
    if whole is not None:
        return Fraction(whole)
    if "point" in words:
        return _decimal(words)
    fraction = _fraction(words)
    if fraction is not None:
        return fraction
    for place, word in enumerate(words):
        if word == "and":
            whole, part = _cardinal(words[:place]), _fraction(words[place + 1 :])
            if whole is not None and part is not None and part < 1:
                return whole + part
    return None


def _cardinal(words: list[str]) -> int | None:
    """ "two hundred and five thousand": groups below a thousand, each with a smaller scale than the one before."""
    if words == ["dozen"] or words[1:] == ["dozen"]:
        count = 1 if words[0] in ("a", "dozen") else _SMALL.get(words[0], 0)
        return 12 * count or None
    if words[:1] == ["a"] and len(words) > 1 and (words[1] == "hundred" or words[1] in _SCALES):
        words = ["one", *words[1:]]
    total, last_scale = 0, 10**15
    group: list[str] = []
    for word in words:
        if word in _SCALES:
            below = _below_thousand(group)
            if not below or _SCALES[word] >= last_scale:
                return None
            last_scale = _SCALES[word]
            total, group = total + below * last_scale, []
        else:
            group.append(word)
    if not group:
        return total or None
    below = _below_thousand(group[1:] if total and group[0] == "and" else group)
    return None if below is None or (total and not below) else total + below


def _below_thousand(words: list[str]) -> int | None:
    if "hundred" in words[1:2]:
        hundreds, rest = _SMALL.get(words[0], 0), words[2:]
        if not 1 <= hundreds <= 19:
            return None
        rest = rest[1:] if rest[:1] == ["and"] and len(rest) > 1 else rest
        below = _below_hundred(rest) if rest else 0
        return None if below is None or (rest and not below) else 100 * hundreds + below
    return _below_hundred(words)


def _below_hundred(words: list[str]) -> int | None:
    if len(words) == 1:
        return _SMALL.get(words[0], _TENS_VALUES.get(words[0]))
    if len(words) == 2 and words[0] in _TENS_VALUES and 1 <= _SMALL.get(words[1], 0) <= 9:
        return _TENS_VALUES[words[0]] + _SMALL[words[1]]
    return None


def _fraction(words: list[str]) -> Fraction | None:
    """ "three quarters", "a half", "two and a half" without its whole part."""
    if words == ["half"]:
        return Fraction(1, 2)
    if len(words) < 2:
        return None
    above = 1 if words[0] in ("a", "an") and len(words) == 2 else _cardinal(words[:-1])
    below = _denominator(words[-1], plural=above != 1)
    return None if above is None or below is None else Fraction(above, below)


def _denominator(word: str, *, plural: bool) -> int | None:
    if plural:
        if word == "halves":
            return 2
        if not word.endswith("s"):
            return None
        word = word[:-1]
    if word in ("half", "quarter"):
        return 2 if word == "half" else 4
    if word in ("first", "second"):
        return None
    return {"hundredth": 100, "thousandth": 1000, "millionth": 10**6}.get(word) or _ordinal([word])


def _ordinal(words: list[str]) -> int | None:
    if not words:
        return None
    last = words[-1]
    if last in _IRREGULAR:
        stem = _IRREGULAR[last]
    elif last.endswith("ieth"):
        stem = last[:-4] + "y"
    elif last.endswith("th"):
        stem = last[:-2]
    else:
        return None
    return _cardinal([*words[:-1], stem])


def _decimal(words: list[str]) -> Fraction | None:
    place = words.index("point")
    whole, digits = _cardinal(words[:place]) if place else 0, [_SMALL.get(word, 10) for word in words[place + 1 :]]
    if whole is None or not digits or max(digits) > 9:
        return None
    return whole + Fraction(int("".join(map(str, digits))), 10 ** len(digits))
