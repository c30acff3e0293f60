"""Comparing several things with several things: in order, as multisets or as sets."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from scorer.math import values
from scorer.math.answers.trees import is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, TooLarge

MAX_ITEMS = 200
Same = Callable[[Node, Node], Outcome]


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """EQUAL when all are; DIFFERENT when one surely is; asks for no more outcomes than needed."""
    result = Outcome.EQUAL
    for outcome in outcomes:
        if outcome is Outcome.DIFFERENT:
            return outcome
        if outcome is not Outcome.EQUAL:
            result = Outcome.UNKNOWN
    return result


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """EQUAL when one is; DIFFERENT when all surely are not."""
    result = Outcome.DIFFERENT
    for outcome in outcomes:
        if outcome is Outcome.EQUAL:
            return outcome
        if outcome is not Outcome.DIFFERENT:
            result = Outcome.UNKNOWN
    return result


def in_order(gold: Sequence[Node], answer: Sequence[Node], same: Same) -> Outcome:
    """Whether things are the same one by one."""
    check_size(gold, answer)
    if len(gold) != len(answer):
        return Outcome.DIFFERENT
    return all_of(same(left, right) for left, right in zip(gold, answer, strict=True))


def in_any_order(gold: Sequence[Node], answer: Sequence[Node], same: Same) -> Outcome:
    """Whether things are the same in some order, each as often.

    Being the same is taken to be transitive: the first partner that fits is taken.
    """
    check_size(gold, answer)
    if len(gold) != len(answer):
        return Outcome.DIFFERENT
    gold, answer = _without_common(gold, answer)
    left = list(answer)
    result = Outcome.EQUAL
    for wanted in gold:
        said = Outcome.DIFFERENT
        for position, candidate in enumerate(left):
            outcome = same(wanted, candidate)
            if outcome is Outcome.EQUAL:
                del left[position]
                said = outcome
                break
            if outcome is not Outcome.DIFFERENT:
                said = Outcome.UNKNOWN
        if said is Outcome.DIFFERENT:
            return said
        result = result if said is Outcome.EQUAL else Outcome.UNKNOWN
    return result


def as_sets(gold: Sequence[Node], answer: Sequence[Node], same: Same) -> Outcome:
    """Whether everything is in both, however often."""
    check_size(gold, answer)
    gold, answer = tuple(dict.fromkeys(gold)), tuple(dict.fromkeys(answer))
    golds, answers = {_key(item) for item in gold}, {_key(item) for item in answer}
    missing = [item for item in gold if _key(item) not in answers]
    added = [item for item in answer if _key(item) not in golds]
    return all_of(
        [
            *(any_of(same(wanted, item) for item in answer) for wanted in missing),
            *(any_of(same(wanted, item) for wanted in gold) for item in added),
        ]
    )


def check_size(*collections: Sequence[object]) -> None:
    """Refuses what would take too many comparisons.

    Raises:
        TooLarge: One of the collections has too many items.
    """
    if any(len(collection) > MAX_ITEMS for collection in collections):
        raise TooLarge(f"more than {MAX_ITEMS} things in one answer")


def _without_common(gold: Sequence[Node], answer: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Takes out what is the same by its canonical form, so that few pairs are left to compare."""
    golds, answers = Counter(map(_key, gold)), Counter(map(_key, answer))
    return _beyond(gold, golds & answers), _beyond(answer, golds & answers)


def _beyond(items: Sequence[Node], common: Counter[object]) -> list[Node]:
    common = Counter(common)
    left = []
    for item in items:
        key = _key(item)
        if common[key]:
            common[key] -= 1
        else:
            left.append(item)
    return left


def _key(node: Node) -> object:
    return values.exact(node) if is_expression(node) and values.exact(node) is not None else node
