r"""Rule "assignments": values of several unknowns, `x = 1, y = 2`, `(x, y) = (1, 2)`, against each other or a tuple."""

import re
from dataclasses import dataclass

from scorer.math.answers.collection import Collection, read
from scorer.math.answers.context import Context
from scorer.math.answers.match import all_of, as_sets, check_size, in_any_order, in_order
from scorer.math.answers.stated import Same, statement, unknowns
from scorer.math.answers.subjects import is_subject, names_of
from scorer.math.judgement import Outcome
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import Cases, Group, Labelled, List, Node, Ratio, Relation, Symbol

_PARTS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Assignments:
    """Values by the names of what they are given to."""

    values: dict[str, Node]
    """In the order of the names, or as they are in a tuple of names."""
    written: tuple[Node, ...]
    """The values in the order in which they were written."""
    letter: str | None
    """What all names are with different indices: `x_1`, `x_2` may be the solutions for one x."""


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one gives values to several unknowns."""
    gold_solutions, answer_solutions = _solutions(gold, context.same), _solutions(answer, context.same)
    if gold_solutions or answer_solutions:
        return _with_solutions(gold_solutions, answer_solutions, gold, answer, context)
    golds, answers = assignments(gold, context.same), assignments(answer, context.same)
    if golds is not None and answers is not None:
        if golds.values.keys() != answers.values.keys():
            return Outcome.DIFFERENT
        return all_of(context.same(value, answers.values[name]) for name, value in golds.values.items())
    gold, answer = _unwrapped(gold), _unwrapped(answer)
    if golds is not None:
        return _with_collection(golds, answer, read(answer, context.same), context, gold_is_named=True)
    if answers is not None:
        return _with_collection(answers, gold, read(gold, context.same), context, gold_is_named=False)
    return None


def _solutions(node: Node, same: Same) -> list[Assignments]:
    """The solutions of a list of several: `p = 5, q = 2; p = 7, q = 2`, also with nothing but commas between all."""
    if not isinstance(node, List):
        return []
    check_size(node.items)
    parts: list[Node] = list(node.items)
    if node.joined_by == "and" and all(isinstance(item, Relation) for item in node.items):
        said = [statement(item, same) for item in node.items]
        names = [show(one.subject) for one in said if one is not None and one.subject is not None]
        size = names.index(names[0], 1) if names[:1] and names[0] in names[1:] else 0
        if size < 2 or len(names) < len(said) or len(names) % size:
            return []
        parts = [List(node.items[start : start + size], "and") for start in range(0, len(names), size)]
    found = [assignments(part, same) for part in parts]
    solutions = [one for one in found if one is not None]
    same_names = len({frozenset(one.values) for one in solutions}) == 1
    return solutions if len(solutions) == len(parts) > 1 and same_names else []


def _with_solutions(
    golds: list[Assignments], answers: list[Assignments], gold: Node, answer: Node, context: Context
) -> Outcome:
    if golds and answers and golds[0].values.keys() != answers[0].values.keys():
        return Outcome.DIFFERENT
    return context.same(_tuples(golds) if golds else gold, _tuples(answers) if answers else answer)


def _tuples(solutions: list[Assignments]) -> Node:
    return List(tuple(Group("(", ")", tuple(one.values.values())) for one in solutions), "and")


def _unwrapped(node: Node) -> Node:
    """`{(1, 2)}` is the set of the one solution (1, 2)."""
    is_set = isinstance(node, Group) and node.opening == "{" and len(node.items) == 1
    return node.items[0] if is_set and isinstance(node, Group) else node


def _with_collection(
    named: Assignments, other: Node, collection: Collection | None, context: Context, *, gold_is_named: bool
) -> Outcome:
    if collection is None or collection.subject not in (None, Symbol(named.letter or "")):
        return Outcome.UNKNOWN if isinstance(other, Cases) else Outcome.DIFFERENT
    values = tuple(named.values.values())
    if gold_is_named and collection.kind == "list" and not named.letter:
        values = named.written
    gold, answer = (values, collection.items) if gold_is_named else (collection.items, values)
    if collection.kind == "alternatives" and not named.letter:
        return Outcome.DIFFERENT
    if any(isinstance(item, Relation | Labelled) for item in collection.items):
        return Outcome.DIFFERENT  # it has names of its own
    if collection.kind == "set":
        return as_sets(gold, answer, context.same) if named.letter else Outcome.DIFFERENT
    any_order = named.letter is not None and collection.kind in ("list", "alternatives")
    any_order = any_order or context.options.order_matters is False
    return (in_any_order if any_order else in_order)(gold, answer, context.same)


def assignments(node: Node, same: Same) -> Assignments | None:
    """The values that a node gives to several different unknowns; None when it does not."""
    if isinstance(node, Relation):
        return _tuple(node) or _chain(node)
    if isinstance(node, Cases) and all(condition is None for _, condition in node.branches):
        items = tuple(value for value, _ in node.branches)
    elif (isinstance(node, List) and node.joined_by == "and") or isinstance(node, Group):
        items = node.items
    else:
        return None
    check_size(items)
    values: dict[str, Node] = {}
    for written in items:
        item = _named(written)
        if not isinstance(item, Relation | Labelled):
            return None
        inner = assignments(item, same)
        said = statement(item, same)
        if inner is not None and values.keys().isdisjoint(inner.values):
            values |= inner.values
        elif inner is not None or said is None or said.subject is None or show(said.subject) in values:
            return None
        else:
            values[show(said.subject)] = said.value
    return _sorted(values) if len(values) > 1 else None


def _named(node: Node) -> Node:
    """`A: 5` as `A = 5`: what looks like a ratio is a label among others."""
    match node:
        case Ratio((Symbol(), value)) if not unknowns(value):
            return Relation(node.parts, ("=",))
    return node


def _tuple(node: Relation) -> Assignments | None:
    """`(x, y) = (1, 2)`, in its order."""
    if node.operators != ("=",) or not all(isinstance(side, Group) for side in node.sides):
        return None
    names, values = node.sides
    if not isinstance(names, Group) or not isinstance(values, Group) or values.opening not in "(<[":
        return None
    subjects = names_of(names) if is_subject(names) else ()
    if len(subjects) != len(values.items):
        return None
    found = dict(zip(map(show, subjects), values.items, strict=True))
    return Assignments(found, values.items, None) if len(found) == len(subjects) else None


def _chain(node: Relation) -> Assignments | None:
    """`x = y = 5`."""
    *names, value = node.sides
    if set(node.operators) != {"="} or len(names) < 2 or is_subject(value) or not all(map(is_subject, names)):
        return None
    return _sorted({show(name): value for name in names})


def _sorted(values: dict[str, Node]) -> Assignments:
    names = sorted(values, key=_order)
    letters = {_PARTS.split(name)[0] for name in names}
    indexed = len(letters) == 1 and all(_PARTS.search(name) and "(" not in name for name in names)
    letter = letters.pop().rstrip("_{") if indexed else None
    return Assignments({name: values[name] for name in names}, tuple(values.values()), letter)


def _order(name: str) -> list[tuple[int, str]]:
    """Names by letters, their numbers by size: x_2 before x_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _PARTS.split(name)]
