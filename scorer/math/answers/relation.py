r"""Rule "equation": equations and inequalities against each other, and equations that say a value against the value."""

from itertools import pairwise

from scorer.math import values
from scorer.math.answers.congruence import same_congruence, same_progression
from scorer.math.answers.context import Context
from scorer.math.answers.forms import written_alike
from scorer.math.answers.match import any_of, in_any_order, in_order
from scorer.math.answers.proportional import proportional
from scorer.math.answers.stated import Statement, agree, renamed, statement, unknowns
from scorer.math.answers.trees import difference, is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import (
    Apply,
    Call,
    Labelled,
    NamedSet,
    Node,
    Power,
    Product,
    Relation,
    SetBuilder,
    SetOperation,
    Sum,
    Symbol,
)

_MIRRORED = {">": "<", ">=": "<="}
_SYMMETRIC = frozenset({"=", "!=", "approx"})
_VARIABLES = frozenset("xyztn")
_COMPARING = frozenset({"=", "!=", "<", "<="})


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is an equation, an inequality or a named point."""
    if isinstance(gold, Relation | Labelled) and isinstance(answer, Relation | Labelled):
        return _both(gold, answer, context)
    if isinstance(answer, Relation | Labelled):
        return _value_with_statement(gold, answer, context)
    if isinstance(gold, Relation | Labelled):
        said = statement(gold, context.same)
        if said is None and isinstance(gold, Relation) and gold.operators == ("equiv",) and isinstance(answer, Call):
            return same_congruence(gold, Relation((gold.sides[0], answer), gold.operators), context.same)
        if said is None:
            return _unlike(answer)
        return any_of(context.same(value, answer) for value in (said.value, *said.roundings))
    return None


def _value_with_statement(gold: Node, answer: Node, context: Context) -> Outcome:
    said = statement(answer, context.same)
    if said is None:
        return _unlike(gold)
    if _is_of_another(said):
        return Outcome.DIFFERENT
    return context.same(gold, said.value)


def _is_of_another(said: Statement) -> bool:
    """Whether a value is that of a function elsewhere than asked: `f(2x) = 2x + 3`, `f(y) = 2x`."""
    if not isinstance(said.subject, Apply):
        return False
    about = unknowns(said.value) & _VARIABLES
    return any(
        (isinstance(argument, Sum | Product | Power) and bool(unknowns(argument)))
        or (isinstance(argument, Symbol) and argument.name in _VARIABLES - about and bool(about))
        for argument in said.subject.arguments
    )


def _unlike(other: Node) -> Outcome:
    """An equation or inequality that says no value is none, but may describe a set."""
    return Outcome.UNKNOWN if isinstance(other, SetBuilder | SetOperation | NamedSet) else Outcome.DIFFERENT


def _both(gold: Node, answer: Node, context: Context) -> Outcome:
    golds, answers = statement(gold, context.same), statement(answer, context.same)
    if golds is not None and answers is not None and golds.subject == answers.subject is None:
        return _same_identity(gold, answer)
    if golds is not None and answers is not None and agree(golds.subject, answers.subject):
        return _same_statement(golds, renamed(golds, answers), context)
    if golds is not None and answers is not None and _is_primed(golds, answers):
        return Outcome.DIFFERENT
    if not isinstance(gold, Relation) or not isinstance(answer, Relation) or _says_nothing(answer):
        return Outcome.DIFFERENT
    for congruence, said in ((gold, answers), (answer, golds)):
        if congruence.operators == ("equiv",) and said is not None:
            named = said.subject == congruence.sides[0]
            return same_progression(congruence, said.value) if named else Outcome.DIFFERENT
    outcome = _same_relations(gold, answer, context)
    if outcome is Outcome.EQUAL and _is_solved(golds) and not _is_solved(answers):
        return Outcome.UNKNOWN  # the value of an unknown was wanted: 2x = 10 leaves it to be found
    return outcome


def _is_primed(gold: Statement, answer: Statement) -> bool:
    """Whether one is said of the derivative of what the other is said of, `Q'(t)` and `Q(t)`, or of `b'` and `b`."""
    names = [getattr(said.subject, "name", "") for said in (gold, answer)]
    return names[0] != names[1] and names[0].rstrip("'") == names[1].rstrip("'") != ""


def _same_identity(gold: Node, answer: Node) -> Outcome:
    r"""True equations without an unknown are all equal by value; they have to be about the same: `\log_3 27 = 3`."""
    if not isinstance(gold, Relation) or not isinstance(answer, Relation):
        return Outcome.DIFFERENT
    same = len(gold.sides) == len(answer.sides) and all(map(written_alike, gold.sides, answer.sides))
    return Outcome.EQUAL if same else Outcome.DIFFERENT


def _says_nothing(relation: Relation) -> bool:
    """Whether an equation holds whatever its unknowns are: `n = n`, `3 = 3`."""
    return set(relation.operators) == {"="} and any(left == right for left, right in pairwise(relation.sides))


def _same_statement(gold: Statement, answer: Statement, context: Context) -> Outcome:
    return any_of(context.same(value, answer.value) for value in (gold.value, *gold.roundings))


def _is_solved(said: Statement | None) -> bool:
    return said is not None and isinstance(said.subject, Symbol) and not values.free(said.value)


def _same_relations(gold: Relation, answer: Relation, context: Context) -> Outcome:
    """Chains are compared as the relations between neighbours; `0 < x < 1` is `x < 1` and `0 < x`."""
    golds, answers = _neighbours(gold), _neighbours(answer)
    if sorted(part.operators for part in golds) != sorted(part.operators for part in answers):
        return _unlike_chains(gold, answer)

    def same(left: Node, right: Node) -> Outcome:
        if not isinstance(left, Relation) or not isinstance(right, Relation):
            return Outcome.UNKNOWN
        return _same_relation(left, right, context)

    return in_any_order(golds, answers, same)


def _unlike_chains(gold: Relation, answer: Relation) -> Outcome:
    """Inequalities in one unknown may have to be solved first: `|x| < 1` is `-1 < x < 1`."""
    solvable = _is_inequality(gold) and _is_inequality(answer) and len(values.free(gold) | values.free(answer)) == 1
    return Outcome.UNKNOWN if solvable else Outcome.DIFFERENT


def _is_inequality(relation: Relation) -> bool:
    return set(relation.operators) <= {"<", "<=", ">", ">=", "!="}


def _neighbours(relation: Relation) -> list[Relation]:
    """The relations of a chain, each with its smaller side first."""
    found = []
    for position, operator in enumerate(relation.operators):
        sides = relation.sides[position : position + 2]
        mirrored = operator in _MIRRORED
        found.append(Relation(sides[::-1] if mirrored else sides, (_MIRRORED.get(operator, operator),)))
    return found


def _same_relation(gold: Relation, answer: Relation, context: Context) -> Outcome:
    operator = gold.operators[0]
    if answer.operators[0] != operator:
        return Outcome.DIFFERENT
    if operator == "equiv":
        return same_congruence(gold, answer, context.same)
    as_written = in_order(gold.sides, answer.sides, context.same)
    if as_written is not Outcome.EQUAL and operator in _SYMMETRIC:
        as_written = any_of([as_written, in_order(gold.sides, answer.sides[::-1], context.same)])
    if as_written is Outcome.EQUAL or operator not in _COMPARING:
        return as_written
    if not all(map(is_expression, (*gold.sides, *answer.sides))):
        return Outcome.UNKNOWN
    left, right = difference(*gold.sides), difference(*answer.sides)
    if not values.free(left) or not values.free(right):
        return as_written
    return proportional(left, right, positive=operator not in _SYMMETRIC)
