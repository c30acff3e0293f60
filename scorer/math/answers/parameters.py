r"""Rule "parameter": values with a free integer in them, which may have any name: `k\pi`, `n\pi` with n an integer."""

from dataclasses import dataclass
from fractions import Fraction

from scorer.math import values
from scorer.math.answers.collection import read
from scorer.math.answers.context import Context
from scorer.math.answers.match import any_of, in_any_order
from scorer.math.answers.stated import agree, statement, subjects_in, unknowns
from scorer.math.answers.subjects import Subject
from scorer.math.answers.trees import MINUS_ONE, difference, is_expression, negated, replaced
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import (
    Constant,
    List,
    NamedSet,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Relation,
    SetBuilder,
    Sum,
    Symbol,
)
from scorer.math.values.walk import parts

USUAL = frozenset({"k", "n", "m", "l", "t", "s", "j", "r", "p", "q", "N", "K", "ell"})
"""What integers are usually called."""
_EQUATIONS = frozenset({"=", "approx"})
_TOLD = 2**53
"""Below this a floating-point number tells the integer."""


@dataclass(frozen=True, slots=True)
class Family:
    """An answer without what it said about its parameters."""

    node: Node
    domains: dict[str, NamedSet]
    """The parameters, and what they run through."""


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one has a parameter."""
    golds, answers = _family(gold), _family(answer)
    if not golds.domains and not answers.domains and not _are_angles(golds.node, answers.node):
        return None
    if not agree(_subject(golds.node, context), _subject(answers.node, context)):
        return None
    if _are_of_others(golds.node, answers.node, context):
        return Outcome.DIFFERENT
    if golds.domains and answers.domains and set(golds.domains.values()) != set(answers.domains.values()):
        return Outcome.DIFFERENT
    domains = {domain.name for domain in (*golds.domains.values(), *answers.domains.values())}
    if domains - {"Z"} and any(map(_is_congruence, (golds.node, answers.node))):
        return Outcome.DIFFERENT
    outcome = context.same(golds.node, answers.node) if golds.domains or answers.domains else None
    names = _parameters(golds, answers, context)
    if outcome is Outcome.EQUAL or names is None:
        return outcome
    wanted, given = names
    renamed = replaced(answers.node, {given: Symbol(wanted)})
    golds_said, answers_said = _members(golds.node, context), _members(renamed, context)
    if outcome is None and any(isinstance(node, Relation | List) for node in (*golds_said, *answers_said)):
        return None  # an equation that says no value
    shifted = all(domain.name == "Z" for domain in (*golds.domains.values(), *answers.domains.values()))

    def same(left: Node, right: Node) -> Outcome:
        outcome = context.same(left, right)
        if outcome is not Outcome.EQUAL and shifted and is_expression(left) and is_expression(right):
            return _same_progression(left, right, wanted)
        return outcome

    return in_any_order(golds_said, answers_said, same)


def _is_congruence(node: Node) -> bool:
    return isinstance(node, Relation) and "equiv" in node.operators


def _subject(node: Node, context: Context) -> Subject | None:
    several = read(node, context.same)
    said = statement(node, context.same) if several is None else several
    return None if said is None else said.subject


def _are_of_others(gold: Node, answer: Node, context: Context) -> bool:
    """Whether the answer lists values of something else than all those of the gold answer: `n = 4k or N = 4k + 2`."""
    if not isinstance(gold, List) or not isinstance(answer, List):
        return False
    golds, answers = (subjects_in(node.items, context.same) for node in (gold, answer))
    return len(set(golds)) == 1 and not all(agree(golds[0], subject) for subject in answers)


def _family(node: Node) -> Family:
    if isinstance(node, SetBuilder):
        domains = _domains(node.conditions)
        if len(domains) == len(node.conditions) and not isinstance(node.element, Symbol | Relation):
            return Family(node.element, domains)
    if isinstance(node, List) and node.joined_by == "and":
        domains = _domains(node.items)
        rest = tuple(item for item in node.items if not _is_domain(item))
        about = {name for item in rest for name in unknowns(item)}
        if rest and domains.keys() <= about and not any(map(_is_condition, rest)):
            return Family(rest[0] if len(rest) == 1 else List(rest, "and"), domains)
    return Family(node, {})


def _is_domain(node: Node) -> bool:
    return (
        isinstance(node, Relation)
        and node.operators == ("in",)
        and isinstance(node.sides[0], Symbol)
        and isinstance(node.sides[1], NamedSet)
    )


def _domains(nodes: tuple[Node, ...]) -> dict[str, NamedSet]:
    found = {}
    for node in nodes:
        if isinstance(node, Relation) and _is_domain(node):
            unknown, domain = node.sides
            if isinstance(unknown, Symbol) and isinstance(domain, NamedSet):
                found[unknown.name] = domain
    return found


def _is_condition(node: Node) -> bool:
    """Whether a node limits an unknown rather than says values: with it a domain is no remark about a parameter."""
    return isinstance(node, Relation) and not set(node.operators) <= _EQUATIONS


def _are_angles(gold: Node, answer: Node) -> bool:
    """Whether both are angles, said of an unknown or several: then a free letter can only be an integer."""
    said = any(isinstance(node, Relation | List) for node in (gold, answer))
    return said and _has_angle(gold) and _has_angle(answer)


def _has_angle(node: Node) -> bool:
    is_angle = node == Constant("pi") or (isinstance(node, Quantity) and node.unit == "degree")
    return is_angle or any(map(_has_angle, parts(node)))


def _parameters(gold: Family, answer: Family, context: Context) -> tuple[str, str] | None:
    """The one parameter of each side."""
    golds = frozenset(name for value in _members(gold.node, context) for name in unknowns(value))
    answers = frozenset(name for value in _members(answer.node, context) for name in unknowns(value))
    marked = bool(gold.domains or answer.domains)
    wanted = _parameter(gold, golds, answers, marked=marked)
    given = _parameter(answer, answers, golds, marked=marked)
    return (wanted, given) if wanted and given else None


def _parameter(family: Family, own: frozenset[str], others: frozenset[str], *, marked: bool) -> str | None:
    candidates = frozenset(family.domains) or (own - others) or (own & USUAL)
    name = next(iter(candidates)) if len(candidates) == 1 else None
    return name if name in USUAL or (marked and isinstance(family.node, Relation)) or name in family.domains else None


def _members(node: Node, context: Context) -> tuple[Node, ...]:
    """The values that a node lists, or the one that it is."""
    several = read(node, context.same)
    if several is not None and several.kind in ("list", "alternatives", "set"):
        return several.items
    said = statement(node, context.same)
    return (node,) if said is None else (said.value,)


def _same_progression(gold: Node, answer: Node, name: str) -> Outcome:
    """Whether two values that are linear in an integer run through the same numbers."""
    first, second = start_and_step(gold, name), start_and_step(answer, name)
    if first is None or second is None:
        return Outcome.UNKNOWN
    (start, step), (other_start, other_step) = first, second
    steps = [values.same(step, other_step), values.same(step, negated(other_step))]
    if Outcome.EQUAL not in steps:
        return any_of(steps)
    off = difference(start, other_start)
    steps_off = _nearest_integer(Product((off, Power(step, MINUS_ONE))))
    if steps_off is None:
        return Outcome.UNKNOWN
    return values.same(off, Product((Number(Fraction(steps_off)), step)))


def _nearest_integer(node: Node) -> int | None:
    """The integer that a value is, if it is one, or is near to; None for no value, or one too large to be told so."""
    exact = values.exact(node)
    if exact is not None:
        return round(exact)
    value = values.approximate(node)
    return round(float(value.real)) if value is not None and abs(value) < _TOLD else None


def start_and_step(node: Node, name: str) -> tuple[Node, Node] | None:
    """The value at 0 and what one more adds, of what is linear in an integer; None for anything else."""
    start = replaced(node, {name: Number(Fraction(0))})
    step = difference(replaced(node, {name: Number(Fraction(1))}), start)
    linear = Sum((start, Product((step, Symbol(name)))))
    return (start, step) if values.same(node, linear) is Outcome.EQUAL else None
