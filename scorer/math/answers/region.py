"""Rule "interval": sets of real numbers, however they are written."""

from scorer.math.answers.conditions import contradicts
from scorer.math.answers.context import Context
from scorer.math.answers.intervals import Complement, Interval, NotOrdered, Region, Union, ends, pieces, same_region
from scorer.math.answers.match import all_of, check_size
from scorer.math.answers.regions import Reading, read
from scorer.math.answers.stated import unknowns
from scorer.math.answers.trees import contains, is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import (
    Apply,
    Group,
    List,
    NamedSet,
    Node,
    Relation,
    SetBuilder,
    SetOperation,
    Symbol,
    Text,
)

_ENDS_AND_MIDDLE = 3
_UNREAD = (Relation, SetBuilder, SetOperation, NamedSet)


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one surely is a set of real numbers."""
    gold_reading, answer_reading = read_pair(gold, answer)
    readings = [reading for reading in (gold_reading, answer_reading) if reading is not None]
    if not any(reading.certain for reading in readings):
        return None
    if gold_reading is None or answer_reading is None:
        return _with_other(readings[0], gold if answer_reading else answer, both_relations=_are_relations(gold, answer))
    names = {gold_reading.variable, answer_reading.variable} - {None}
    if len(names) > 1:  # of a < b and b > a it is not known which one is limited
        return None if _are_relations(gold, answer) else Outcome.DIFFERENT
    try:
        same = same_region(gold_reading.region, answer_reading.region)
    except NotOrdered:
        return _as_written(gold_reading.region, answer_reading.region, context)
    same = same or _roughly_same(gold_reading.region, answer_reading.region, context)
    return Outcome.EQUAL if same else Outcome.DIFFERENT


def _roughly_same(gold: Region, answer: Region, context: Context) -> bool:
    """Whether all ends agree within the tolerance that the task allows."""
    if not (context.options.absolute_tolerance or context.options.relative_tolerance):
        return False
    golds, answers = pieces(gold), pieces(answer)
    same = all_of(_same_interval(*pair, context) for pair in zip(golds, answers, strict=False))
    return len(golds) == len(answers) and same is Outcome.EQUAL


def read_pair(gold: Node, answer: Node) -> tuple[Reading | None, Reading | None]:
    """Reads two answers; unknowns that a bare interval has in its ends are not what the other one is about."""
    gold_reading, answer_reading = read(gold), read(answer)
    if gold_reading is not None and gold_reading.variable is None:
        answer_reading = read(answer, _constants(gold_reading))
    elif answer_reading is not None and answer_reading.variable is None:
        gold_reading = read(gold, _constants(answer_reading))
    return gold_reading or _around(gold, answer), answer_reading or _around(answer, gold)


def _around(chain: Node, interval: Node) -> Reading | None:
    """The interval of `0 < f(x) < 1` or `0 < a + b < 1` beside a bare one; an x^2 would have to be solved for x."""
    if not isinstance(chain, Relation) or len(chain.sides) != _ENDS_AND_MIDDLE or not isinstance(interval, Group):
        return None
    lower, middle, upper = chain.sides
    about = unknowns(middle)
    stands_alone = contains(middle, Apply) or len(about) > 1
    if not is_expression(middle) or not stands_alone or about & (unknowns(lower) | unknowns(upper)):
        return None
    return read(Relation((lower, Symbol("..."), upper), chain.operators))


def _constants(reading: Reading) -> frozenset[str]:
    return frozenset(name for end in ends(reading.region) for name in unknowns(end))


def _with_other(reading: Reading, other: Node, *, both_relations: bool) -> Outcome | None:
    """Something else is no set of real numbers, unless it is a condition or a set that was not understood."""
    if contradicts(reading.region, other) or _is_equation(other) or _is_about_more(reading, other):
        return Outcome.DIFFERENT
    if both_relations:
        return None
    if isinstance(other, Text) or (isinstance(other, Group) and NamedSet("empty") in other.items):
        return Outcome.DIFFERENT
    if isinstance(other, List) and all(read(item) is not None for item in other.items):
        return Outcome.DIFFERENT
    if not isinstance(other, NamedSet) and any(contains(other, kind) for kind in _UNREAD):
        return Outcome.UNKNOWN
    return Outcome.DIFFERENT


def _is_equation(node: Node) -> bool:
    return isinstance(node, Relation) and (set(node.operators) <= {"=", "approx"} or not unknowns(node))


def _is_about_more(reading: Reading, other: Node) -> bool:
    """Whether a condition limits more unknowns than the one of a set: `x > 0, y > 0`."""
    known = _constants(reading) | {reading.variable}
    return reading.variable in unknowns(other) and isinstance(other, List) and not unknowns(other) <= known


def _are_relations(gold: Node, answer: Node) -> bool:
    return isinstance(gold, Relation) and isinstance(answer, Relation)


def _as_written(gold: Region, answer: Region, context: Context) -> Outcome:
    """Compares intervals with unknowns in their ends one by one."""
    while isinstance(gold, Complement) and isinstance(answer, Complement):
        gold, answer = gold.part, answer.part
    golds, answers = _listed(gold), _listed(answer)
    if golds is None or answers is None:
        return Outcome.UNKNOWN
    check_size(golds, answers)
    if len(golds) != len(answers):
        return Outcome.UNKNOWN
    left = list(answers)
    for wanted in golds:
        outcomes = [_same_interval(wanted, candidate, context) for candidate in left]
        if Outcome.EQUAL not in outcomes:
            certain = all(outcome is Outcome.DIFFERENT for outcome in outcomes)
            return Outcome.DIFFERENT if certain else Outcome.UNKNOWN
        del left[outcomes.index(Outcome.EQUAL)]
    return Outcome.EQUAL


def _listed(region: Region) -> list[Interval] | None:
    if isinstance(region, Interval):
        return [region]
    if not isinstance(region, Union):
        return None
    found: list[Interval] = []
    for part in region.parts:
        listed = _listed(part)
        if listed is None:
            return None
        found += listed
    return found


def _same_interval(gold: Interval, answer: Interval, context: Context) -> Outcome:
    if (gold.lower_closed, gold.upper_closed) != (answer.lower_closed, answer.upper_closed):
        return Outcome.DIFFERENT
    ends = [(gold.lower, answer.lower), (gold.upper, answer.upper)]
    if any((left is None) != (right is None) for left, right in ends):
        return Outcome.DIFFERENT
    return all_of(context.same(left, right) for left, right in ends if left is not None and right is not None)
