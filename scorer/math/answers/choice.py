r"""Multiple choice: an option is named by its label (`C`, `(C)`, "Option C"), by its text, or by both ("C. 42").

Several options are a set: `A, C`, `AC` and "A and C" name the same. When the label and the text name two options, the
answer contradicts itself and is wrong.
"""

import re
import string
from dataclasses import dataclass

from scorer.math.answers.compare import compare
from scorer.math.answers.english import DOUBTING
from scorer.math.answers.spoken import Spoken, fold, spoken
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.normalise import normalise, skeleton
from scorer.math.numbers import numbers_equal, read_number
from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import NotReadable, TooLarge
from scorer.math.values import limited

_LETTERS = "ABCDEFGHIJ"
"""Labels, as far as they are known without the options."""
_NAMING = (
    r"(?:(?:the )?(?:correct |right |final )?(?:answer|option|choice|letter|statement)s?(?: (?:is|are))? ?[:=]? ?){0,2}"
)
_LABEL = re.compile(
    rf"(?P<named>{_NAMING})"
    r"(?:\((?P<round>[A-Za-z]|\d{1,2})\)|\[(?P<square>[A-Za-z])\]|\{(?P<curly>[A-Z])\}|(?P<bare>[A-Za-z]|\d{1,2}))"
    r"(?P<rest>(?:[.:)^']|(?<=[)\]])).*|(?<=\)) .*|)",
    re.IGNORECASE | re.DOTALL,
)
_SEVERAL = re.compile(
    rf"(?i:{_NAMING}(?:both )?)(\(?[A-J]\)?)(?:(?: ?[,;&/] ?(?:and |or )?| and | or )(?:\(?[A-J]\)?))+(?: only)?"
)
_RUN = re.compile(r"[A-J]{2,10}")
_OTHER_LABEL = re.compile(  # without I, which is a Roman numeral in "(C) II and I"
    r"(?:\b(?:or|and|not|but|nor)\b|[,&/;]) *\(?[A-HJ]\)?(?![A-Za-z])|^\(?[A-HJ][.):]|(?<![A-Za-z\d])\([A-HJ]\)"
    r"|\b(?:is|answer|option|choice) \(?[A-HJ]\)?(?![A-Za-z])"
)
_NO_OPTION = re.compile(r"[-+*/^_=<>|,;?!'\u00b0\u00b2\u00b3]|[.:)\] ]*[=<>|,;?^]")
"""What cannot stand between a label and the text of its option."""
_NO_OPTION_TEXT = re.compile(r"[A-Ja-j]|not(?: \W*\d.*)?|wrong|incorrect|(?:is|was|isn't|are)\b.*", re.DOTALL)
_LABELLED = re.compile(r"[,;] *(?:and +)?(?:\\text *\{ *)?[A-Za-z]\}? *[:=]")
"""Goes on with another label: `A: 5, B: 7` are values with names and no option."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an answer chooses."""

    labels: tuple[str, ...]
    rest: str = ""
    """What it says besides the label."""
    sure: bool = False
    """It is written as a label, with brackets or words, so that even a small letter is no unknown."""
    run: bool = False
    """Labels without anything between them."""
    guess: bool = False
    """Labels with "or" between them."""


def choice(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    """Compares two answers to a multiple choice question.

    Returns:
        The judgement; None when the gold answer names no option, or the answer is neither a label nor an option's text.
    """
    if options.choices:
        return _among(gold_text, answer_text, options)
    gold = _labels(spoken(gold_text), len(_LETTERS))
    if gold is None or not gold.labels or _LABELLED.search(gold.rest):
        return None
    answer = _labels(spoken(answer_text), len(_LETTERS), lower=gold.sure or spoken(gold_text).wrapped)
    if gold.rest and not _names_letter(answer) and _same_value(gold.rest, answer_text):
        return _judgement(True, gold, gold)
    if answer is None:
        return None
    if gold.rest and answer.rest and gold.labels == answer.labels:
        return _judgement(_same_value(gold.rest, answer.rest), gold, answer)
    if not (gold.sure or answer.sure or gold.rest or answer.rest) and len(gold.labels) == len(answer.labels) == 1:
        return None if gold.labels != answer.labels else _judgement(True, gold, answer)
    return _judgement(_same_labels(gold, answer, options), gold, answer)


def text_of(text: str, options: Options) -> str | None:
    """The text of the one option that an answer names; None when it names none or several.

    An answer that is neither a label nor an option's text may still have the value of the gold answer's option: `2^5`
    for 32. Then this is the gold answer to compare with.
    """
    chosen = _option(text, options.choices)
    return options.choices[chosen] if chosen is not None else None


def _among(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    choices = options.choices
    gold, answer = _labels(spoken(gold_text), len(choices)), _labels(spoken(answer_text), len(choices), lower=True)
    if gold is not None and len(gold.labels) > 1:
        return _judgement(_same_labels(gold, answer, options), gold, answer) if answer is not None else None
    wanted = _option(gold_text, choices)
    if wanted is None:
        return None
    if answer is not None and len(answer.labels) > 1 and _by_text(answer_text, choices) is None:
        return _judgement(False, Chosen((_letter(wanted),)), answer)
    chosen = _option(answer_text, choices)
    if chosen is None:
        contradicts = answer is not None and answer.labels and _label_index(answer, choices) is not None
        return _judgement(False, Chosen((_letter(wanted),)), answer) if contradicts and answer else None
    return _judgement(wanted == chosen, Chosen((_letter(wanted),)), Chosen((_letter(chosen),)))


def _judgement(equal: bool, gold: Chosen, answer: Chosen) -> Judgement:
    outcome = Outcome.EQUAL if equal else Outcome.DIFFERENT
    return Judgement(outcome, "choice", ", ".join(sorted(gold.labels)), ", ".join(sorted(answer.labels)))


def _same_labels(gold: Chosen, answer: Chosen, options: Options) -> bool:
    if _OTHER_LABEL.search(answer.rest) or gold.guess != answer.guess:  # "A. or B."
        return False
    if gold.run and answer.run:
        return gold.labels == answer.labels  # CBAD may be an order
    if options.order_matters:
        return gold.labels == answer.labels
    return sorted(gold.labels) == sorted(answer.labels)


def _labels(said: Spoken, count: int, *, lower: bool = False) -> Chosen | None:
    """The labels that a text begins with, if it is written as a choice."""
    known = string.ascii_uppercase[:count]
    plain = said.plain.replace("*", "").strip(" .")
    plain = plain[1:-1] if plain[:1] in ("'", '"') and plain[-1:] == plain[:1] else plain
    several = _SEVERAL.fullmatch(plain)
    if several is not None:
        letters = re.findall(r"(?<![A-Za-z])\(?([A-J])\)?(?![A-Za-z])", plain[several.start(1) :])
        return Chosen(tuple(letters), guess=" or " in plain) if set(letters) <= set(known) else None
    if _RUN.fullmatch(plain) and list(plain) == sorted(set(plain)) and set(plain) <= set(known):
        return Chosen(tuple(plain), run=True)
    match = _LABEL.fullmatch(plain)
    if match is None:
        return None
    bracketed = match["round"] or match["square"] or match["curly"]
    letter, sure = bracketed or match["bare"], bool(bracketed or match["named"].strip() or said.wrapped)
    rest = match["rest"].lstrip(".:)] ").strip()
    doubted = not DOUBTING.isdisjoint(fold(rest).split())
    if doubted or _NO_OPTION.match(match["rest"]) or _NO_OPTION_TEXT.fullmatch(rest):
        return Chosen((), rest, sure)
    if letter.isdigit():
        return Chosen((letter,), rest, sure) if lower and not re.match(r"[.:]\S", match["rest"]) else None
    if letter.upper() not in known or (letter.islower() and not (sure or lower)):
        return None
    return Chosen((letter.upper(),), rest, sure)


def _option(text: str, choices: tuple[str, ...]) -> int | None:
    """Index of the one option that an answer names; None when it names none, or its label and its text disagree."""
    by_text = _by_text(text, choices)
    if by_text is not None:
        return by_text
    chosen = _labels(spoken(text), len(choices), lower=True)
    if chosen is None or len(chosen.labels) != 1:
        return None
    index = _label_index(chosen, choices)
    if index is None or _OTHER_LABEL.search(chosen.rest):
        return None
    named = _by_text(chosen.rest, choices) if chosen.rest else None
    if named is None and read_number(normalise(chosen.rest)) is not None:
        return None
    return index if named in (None, index) else None


def _label_index(chosen: Chosen, choices: tuple[str, ...]) -> int | None:
    label = chosen.labels[0]
    if not label.isdigit():
        return string.ascii_uppercase.index(label)
    numeric = any(read_number(normalise(text)) is not None for text in choices)
    return int(label) - 1 if not numeric and 1 <= int(label) <= len(choices) else None


def _by_text(text: str, choices: tuple[str, ...]) -> int | None:
    """Index of the one option whose text this is, by letters, as words, or as a number."""
    found = [index for index, choice_text in enumerate(choices) if _same_text(text, choice_text)]
    return found[0] if len(found) == 1 else None


def _same_text(text: str, option: str) -> bool:
    one, other = spoken(text), spoken(option)
    if skeleton(one.text) == skeleton(other.text):
        return True
    if len(one.plain) > 1 and len(other.plain) > 1 and one.plain.replace(" ", "").isalpha():
        return fold(one.plain) == fold(other.plain)
    number, wanted = read_number(one.text), read_number(other.text)
    return number is not None and wanted is not None and numbers_equal(wanted, number)


def _names_letter(chosen: Chosen | None) -> bool:
    return chosen is not None and any(label.isalpha() for label in chosen.labels)


def _same_value(gold: str, answer: str) -> bool:
    """Whether two texts of options without a list of them are the same, as text or as mathematics."""
    if _same_text(answer, gold):
        return True
    try:
        with limited():
            return compare(parse(gold), parse(answer), Options()).outcome is Outcome.EQUAL
    except (NotReadable, TooLarge):
        return False


def _letter(index: int) -> str:
    return string.ascii_uppercase[index]
