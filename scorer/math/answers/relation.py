r"""Rule "equation": equations and inequalities against each other, and equations that say a value against the value."""

from scorer.math import values
from scorer.math.answers.congruence import same_congruence
from scorer.math.answers.context import Context
from scorer.math.answers.match import any_of, in_any_order, in_order
from scorer.math.answers.proportional import proportional
from scorer.math.answers.stated import Statement, agree, is_written_decimal, renamed, statement, unknowns
from scorer.math.answers.trees import difference, is_expression
from scorer.math.judgement import Options, Outcome
from scorer.math.syntax.tree import Labelled, NamedSet, Node, Relation, SetBuilder, SetOperation, Symbol

_MIRRORED = {">": "<", ">=": "<="}
_SYMMETRIC = frozenset({"=", "!=", "approx"})
_COMPARING = frozenset({"=", "!=", "<", "<="})


def judge(gold: Node, answer: Node, context: Context) -> Outcome | None:
    """Compares two answers of which at least one is an equation, an inequality or a named point."""
    if isinstance(gold, Relation | Labelled) and isinstance(answer, Relation | Labelled):
        return _both(gold, answer, context)
    if isinstance(answer, Relation | Labelled):
        return _value_with_statement(gold, answer, context)
    if isinstance(gold, Relation | Labelled):
        said = statement(gold, context.same)
        if said is None:
            return _unlike(answer)
        return any_of(context.same(value, answer) for value in (said.value, *said.roundings))
    return None


def _value_with_statement(gold: Node, answer: Node, context: Context) -> Outcome:
    said = statement(answer, context.same)
    if said is None:
        return Outcome.UNKNOWN if _may_be_true(answer, context) else _unlike(gold)
    if said.rounded and not _may_be_rounded(gold, context.options):
        return Outcome.DIFFERENT
    return context.same(gold, said.value)


def _may_be_true(node: Node, context: Context) -> bool:
    """Whether it is not known that an equation between constants is wrong."""
    if not isinstance(node, Relation) or set(node.operators) != {"="} or not all(map(_is_constant, node.sides)):
        return False
    first, *others = node.sides
    return all(context.same(first, other) is not Outcome.DIFFERENT for other in others)


def _is_constant(node: Node) -> bool:
    return is_expression(node) and not unknowns(node)


def _may_be_rounded(gold: Node, options: Options) -> bool:
    return bool(options.absolute_tolerance or options.relative_tolerance) or is_written_decimal(gold)


def _unlike(other: Node) -> Outcome:
    """An equation or inequality that says no value is none, but may describe a set."""
    return Outcome.UNKNOWN if isinstance(other, SetBuilder | SetOperation | NamedSet) else Outcome.DIFFERENT


def _both(gold: Node, answer: Node, context: Context) -> Outcome:
    golds, answers = statement(gold, context.same), statement(answer, context.same)
    if golds is not None and answers is not None and agree(golds.subject, answers.subject):
        return _same_statement(golds, renamed(golds, answers), context)
    if not isinstance(gold, Relation) or not isinstance(answer, Relation):
        return Outcome.DIFFERENT
    outcome = _same_relations(gold, answer, context)
    if outcome is Outcome.EQUAL and _is_solved(golds) and not _is_solved(answers):
        return Outcome.UNKNOWN  # the value of an unknown was wanted: 2x = 10 leaves it to be found
    return outcome


def _same_statement(gold: Statement, answer: Statement, context: Context) -> Outcome:
    if answer.rounded and not gold.rounded and not _may_be_rounded(gold.value, context.options):
        return Outcome.DIFFERENT
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
