r"""Rules "tuple", "list" and "set": several things against several things.

Tuples are ordered, lists and sets are not. A list has everything as often as it is written, a set has it once.
"""

from dataclasses import replace

from scorer.math.answers.collection import Collection, read
from scorer.math.answers.context import Context
from scorer.math.answers.match import Same, as_sets, in_any_order, in_order
from scorer.math.answers.stated import Statement, agree, renamed, statement, subjects_in
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import (
    Cases,
    Group,
    Labelled,
    Matrix,
    NamedSet,
    Node,
    Relation,
    SetBuilder,
    SetOperation,
    Symbol,
)

_PAIR = 2
_UNORDERED = frozenset({"list", "alternatives"})


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is several things."""
    golds, answers = read(gold, context.same), read(answer, context.same)
    if golds is None and answers is None:
        return None
    if golds is None or answers is None:
        return _with_other(golds, answers, gold, answer, context)
    if {golds.kind, answers.kind} == {"tuple", "set"} and (_is_bare(gold) or _is_bare(answer)):
        return in_order(golds.items, answers.items, _same_item(context))
    if golds.kind != answers.kind and (_is_wrapped(golds, Group) or _is_wrapped(answers, Group)):
        return _unwrapped(golds, answers, gold, answer, context)
    if not agree(golds.subject, answers.subject) or _are_of_others(golds, answers, context):
        return Outcome.DIFFERENT
    items = tuple(
        renamed(Statement(golds.subject, gold), Statement(answers.subject, item)).value for item in answers.items
    )
    subject = golds.subject if golds.subject is not None else answers.subject
    return _compare(replace(golds, subject=subject), Collection(answers.kind, items), context)


def _is_bare(node: Node) -> bool:
    return isinstance(node, Group) and node.bare


def _are_of_others(gold: Collection, answer: Collection, context: Context) -> bool:
    """Whether the answer says values of different things, where the gold answer has values of one: `x=-2 or y=2`."""
    if answer.subject is not None and not all(
        agree(one, answer.subject) for one in subjects_in(gold.items, context.same)
    ):
        return True
    if gold.subject is None and (answer.kind != "alternatives" or any(map(_is_said, gold.items))):
        return False
    subjects = subjects_in(answer.items, context.same)
    wanted = gold.subject if gold.subject is not None else next(iter(subjects), None)
    return not all(agree(wanted, subject) for subject in subjects)


def _is_said(item: Node) -> bool:
    return isinstance(item, Relation | Labelled)


def _compare(gold: Collection, answer: Collection, context: Context) -> Outcome:
    kinds = {gold.kind, answer.kind}
    if kinds & {"tuple", "vector"} and kinds & {"set", "alternatives"}:
        return Outcome.DIFFERENT
    symbols = all(isinstance(item, Symbol) for item in (*gold.items, *answer.items))
    if kinds == _UNORDERED and symbols and gold.subject is None:
        return Outcome.DIFFERENT  # p and q, p or q
    if _is_interval(gold, answer, context) or _is_interval(answer, gold, context):
        return Outcome.DIFFERENT
    if "set" in kinds:
        return as_sets(gold.items, answer.items, _same_item(context))
    ordered = context.options.order_matters
    if ordered is None:
        ordered = gold.kind not in _UNORDERED or answer.kind in ("tuple", "vector")
    if not ordered and min(len(gold.items), len(answer.items)) >= _PAIR and kinds <= _UNORDERED:
        return _as_lists(gold, answer, context)
    return (in_order if ordered else in_any_order)(gold.items, answer.items, _same_item(context))


def _as_lists(gold: Collection, answer: Collection, context: Context) -> Outcome:
    """In any order; an answer may say a value again that the gold answer has once."""
    if len(gold.items) >= len(answer.items):
        return in_any_order(gold.items, answer.items, _same_item(context))
    same = as_sets(gold.items, answer.items, _same_item(context)) is Outcome.EQUAL
    once = in_any_order(gold.items, tuple(dict.fromkeys(gold.items)), _same_item(context))
    return Outcome.EQUAL if same and once is Outcome.EQUAL else Outcome.DIFFERENT


def _is_interval(one: Collection, other: Collection, context: Context) -> bool:
    """Whether two things in square brackets are the ends of an interval, and not two things: `[1, 1]` is `{1}`."""
    if one.kind != "brackets" or other.kind in ("brackets", "vector") or len(one.items) != _PAIR:
        return False
    return other.kind == "tuple" or context.same(*one.items) is not Outcome.EQUAL


def _with_other(
    golds: Collection | None, answers: Collection | None, gold: Node, answer: Node, context: Context
) -> Outcome | None:
    """One thing is several things only when these are one: 5 is the solution set `{5}`."""
    several = golds or answers
    other = answer if golds else gold
    if several is None or isinstance(other, Matrix):
        return None
    if _is_wrapped(several, object):
        return _unwrapped(golds, answers, gold, answer, context)
    return Outcome.UNKNOWN if isinstance(other, SetBuilder | SetOperation | Cases) else Outcome.DIFFERENT


def _is_wrapped(several: Collection, kind: type) -> bool:
    """Whether it is a set of one thing of a kind, which may be written without braces."""
    one = several.items[0] if len(several.items) == 1 and several.kind in ("set", "brackets") else None
    return isinstance(one, kind) and one not in (None, NamedSet("empty"))


def _unwrapped(
    golds: Collection | None, answers: Collection | None, gold: Node, answer: Node, context: Context
) -> Outcome:
    several, other = (golds, answer) if golds is not None else (answers, gold)
    said = statement(other, context.same) if several is not None and several.subject is not None else None
    if several is not None and said is not None and not agree(several.subject, said.subject):
        return Outcome.DIFFERENT
    if golds is not None and _is_wrapped(golds, object):
        return context.same(golds.items[0], answer)
    return context.same(gold, answers.items[0]) if answers is not None else Outcome.DIFFERENT


def _same_item(context: Context) -> Same:
    """Compares items: a set of one thing in a set is not that thing."""

    def same(gold: Node, answer: Node) -> Outcome:
        if _is_set(gold) != _is_set(answer):
            return Outcome.DIFFERENT
        return context.same(gold, answer)

    return same


def _is_set(node: Node) -> bool:
    return isinstance(node, Group) and node.opening == "{" and len(node.items) == 1
