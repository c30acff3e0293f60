r"""Answers that are words or names: `\text{even}`, `Monday`, "no solution", "Alice and Bob".

Words are compared without case, accents, articles, hyphens and final punctuation. Spellings of the same statement
("no solution", "none", the empty set) agree. A list of names has no order unless the task wants one. What is words on
one side and a formula on the other is different, unless the words are spoken mathematics ("all real numbers"), which
is left to others.
"""

import re

from scorer.math.answers.english import ENGLISH, NEGATING
from scorer.math.answers.names import SEPARATOR, same_names
from scorer.math.answers.spoken import Spoken, fold, is_words, says_mathematics, spoken
from scorer.math.answers.statements import statement
from scorer.math.judgement import Judgement, Options, Outcome
from scorer.math.normalise import is_plain_word
from scorer.math.numbers import read_number
from scorer.math.vocabulary import CANONICAL, COUNTED

_ALTERNATIVE = re.compile(r"\s+or\s+|,", re.IGNORECASE)
_REASON = re.compile(r"\s*[,;(]?\s*\b(?:because|since)\b.*", re.IGNORECASE | re.DOTALL)
_FILLER = re.compile(r"^(?:(?:it|they|this|that) (?:is|are) |its |on (?=\w+day$)|in (?=\w+$))")
_KIND = re.compile(r" (?:functions?|numbers?|integers?|triangles?|angles?|one|ones)$")
"""Nouns that a property may be given with: "an even function"."""
_VERDICT = re.compile(r"(yes|no|true|false)\s*[.,;:!]\s*(\S.*)", re.IGNORECASE | re.DOTALL)
_TURNING = re.compile(r"\b(?:yes|no|true|false|wait|or|but|actually)\b", re.IGNORECASE)
_PREDICATE = re.compile(r"[^.]{1,200}?\b(?:is|are|was|were)\s+(?:(?:an?|the)\s+)?([^.]{2,60})\.?")
_SUBJECT = re.compile(
    r"([A-Z][a-z]{2,}(?= [a-z])|(?:The|An?) [a-z][a-z ]{1,40}?(?= (?:will|shows?|wins?|gets?|has|have|needs?|pays?) ))"
    r" .{5,200}"
)
_SHAPE_NAMES = "ellipse parabola hyperbola line point ray angle segment square cube cone plane integer prime"
_SHAPES = frozenset(_SHAPE_NAMES.split())
_QUADRANT_NAMES = ("1 i first 1st", "2 ii second 2nd", "3 iii third 3rd", "4 iv fourth 4th")
_QUADRANTS = {name: names[0] for names in _QUADRANT_NAMES for name in names.split()}
_QUADRANT = re.compile(rf"quadrant ({'|'.join(_QUADRANTS)})|({'|'.join(_QUADRANTS)}) quadrant")
_MOST_ITEMS = 40
_SHORTEST_REASON = 2
"""Words of which the explanation of a "yes" or "no" has at least so many."""
_OVER_THE_REALS = {"no real solution": "no solution"}
_SHORTEST_NAME = 3
_VOWELS = frozenset("aeiouy")
_INITIALS = {"T": "true", "F": "false"}


def words(gold_text: str, answer_text: str, options: Options) -> Judgement | None:
    r"""Compares two answers when at least one of them is words.

    Args:
        gold_text: The gold answer as it was written, with its `\text{}`.
        answer_text: The answer as it was written.
        options: What the task asks for.

    Returns:
        The judgement; None when neither is words, or when words may name what the other writes in signs.
    """
    gold, answer = spoken(gold_text), spoken(answer_text)
    gold_says, answer_says = statement(gold), statement(answer)
    if gold_says in ("true", "false"):
        answer_says = _INITIALS.get(answer.plain, answer_says)
    if gold_says and answer_says:
        return _judgement(
            _OVER_THE_REALS.get(gold_says, gold_says) == _OVER_THE_REALS.get(answer_says, answer_says),
            "statement",
            gold_says,
            answer_says,
        )
    if (gold_says and _is_number(answer)) or (answer_says and _is_number(gold)):
        return _judgement(False, "statement", gold_says or gold.text, answer_says or answer.text)
    if not is_words(gold) and not is_words(answer):
        listed = same_names(gold.plain, answer.plain, options)
        return _told(gold, answer, options) if listed is None else _judgement(listed, "words", gold.plain, answer.plain)
    if _are_unknowns(gold, answer):
        return None
    if _agree(gold.plain, answer.plain, options):
        return _judgement(True, "words", fold(gold.plain), fold(answer.plain))
    reason = _told(gold, answer, options) or _without_reason(gold, answer, options)
    if reason is not None:
        return reason
    if _left_open(gold, answer) or _left_open(answer, gold):
        return None
    return _judgement(False, "words", fold(gold.plain), fold(answer.plain))


def _judgement(equal: bool, rule: str, gold: str, answer: str) -> Judgement:
    return Judgement(Outcome.EQUAL if equal else Outcome.DIFFERENT, rule, gold, answer)


def _are_unknowns(gold: Spoken, answer: Spoken) -> bool:
    """Whether two differ in nothing but the case of letters that may be unknowns: `nRT` and `NRT`."""
    one, other = gold.plain, answer.plain
    if gold.wrapped or answer.wrapped or one == other or one.lower() != other.lower() or not one.isalpha():
        return False
    name = len(one) >= _SHORTEST_NAME and (one.istitle() or other.istitle()) and not _VOWELS.isdisjoint(one.lower())
    initials = len(one) >= _SHORTEST_NAME and one.isupper() and sorted(set(one)) != list(one)  # a gold `SAS`, not `ABC`
    return not (name or initials or is_plain_word(one) or one.lower() in ENGLISH)


def _agree(gold: str, answer: str, options: Options) -> bool:
    if _same_item(gold, answer):
        return True
    for separator in (SEPARATOR, _ALTERNATIVE):
        golds, answers = separator.split(gold), separator.split(answer)
        if 1 < len(golds) == len(answers) <= _MOST_ITEMS:
            if separator is _ALTERNATIVE and not (" or " in gold and " or " in answer):
                continue
            golds, answers = [_item(text) for text in golds], [_item(text) for text in answers]
            if golds == answers or (not options.order_matters and sorted(golds) == sorted(answers)):
                return True
    return False


def _same_item(gold: str, answer: str) -> bool:
    one, other = _item(gold), _item(answer)
    return one == other or _KIND.sub("", one) == other or one == _KIND.sub("", other)


def _item(text: str) -> str:
    """A phrase as it is compared: folded, its last noun in the singular."""
    said = _FILLER.sub("", fold(text))
    quadrant = _QUADRANT.fullmatch(said)
    if quadrant is not None:
        return f"quadrant {_QUADRANTS[quadrant[1] or quadrant[2]]}"
    head, _, last = said.rpartition(" ")
    singular = last[:-1] if last.endswith("s") else last
    known = singular in COUNTED or singular in CANONICAL or singular in _SHAPES
    return f"{head} {singular if known else last}".strip()


def _told(gold: Spoken, answer: Spoken, options: Options) -> Judgement | None:
    """A verdict with its reason ("Yes, since v is 0") on either side, or a gold sentence whose point is the answer."""
    verdicts = [_verdict(gold), _verdict(answer)]
    if any(verdicts):
        firsts = [verdict or (fold(said.plain)) for verdict, said in zip(verdicts, (gold, answer), strict=True)]
        if all(first in ("yes", "no", "true", "false") for first in firsts):
            return _judgement(firsts[0] == firsts[1], "statement", firsts[0], firsts[1])
    if not is_words(answer) or len(gold.words) < 4 or not NEGATING.isdisjoint(fold(gold.plain).split()):
        return None
    predicate, subject = _PREDICATE.fullmatch(gold.plain), _SUBJECT.fullmatch(gold.plain)
    for match in (predicate, subject):
        if match is not None and len(match[1].split()) <= 4 and _agree(match[1], answer.plain, options):
            return _judgement(True, "words", fold(match[1]), fold(answer.plain))
    return None


def _verdict(said: Spoken) -> str:
    match = _VERDICT.fullmatch(said.plain)
    if match is None or _TURNING.search(match[2]):
        return ""
    if len(re.findall(r"[A-Za-z]{2,}", match[2])) < _SHORTEST_REASON:
        return ""
    if match[1].lower() in ("yes", "true") and not NEGATING.isdisjoint(fold(match[2]).split()):
        return ""
    result = "=" in match[2] and _REASON.match(match[2]) is None
    return "" if result else match[1].lower()


def _without_reason(gold: Spoken, answer: Spoken, options: Options) -> Judgement | None:
    said = _REASON.sub("", answer.plain)
    if said in ("", answer.plain) or not _agree(gold.plain, said, options):
        return None
    return _judgement(True, "words", fold(gold.plain), fold(said))


def _left_open(one: Spoken, other: Spoken) -> bool:
    """Whether words may name what the other side writes in signs."""
    if not is_words(one) or not says_mathematics(one) or (is_words(other) and not says_mathematics(other)):
        return False
    return not (" or " in one.plain and _is_number(other))


def _is_number(said: Spoken) -> bool:
    return read_number(said.text) is not None
