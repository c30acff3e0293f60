r"""Congruences: `x \equiv 2 \pmod 5` says the same as `x \equiv 7 \pmod 5`, and `x = 5k + 2`."""

from scorer.math import values
from scorer.math.answers.match import all_of
from scorer.math.answers.parameters import USUAL, start_and_step
from scorer.math.answers.stated import Same
from scorer.math.answers.trees import difference, is_expression
from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Call, Node, Relation


def same_congruence(gold: Relation, answer: Relation, same: Same) -> Outcome:
    """Compares two congruences: the left sides, the moduli, and the remainders up to the modulus."""
    golds, answers = _parts(gold), _parts(answer)
    if golds is None or answers is None:
        return Outcome.UNKNOWN
    outside = all_of([same(golds[0], answers[0]), same(golds[2], answers[2])])
    if outside is not Outcome.EQUAL:
        return outside
    off, modulus = values.exact(difference(golds[1], answers[1])), values.exact(golds[2])
    if off is None or not modulus:
        return same(golds[1], answers[1])
    return Outcome.EQUAL if (off / modulus).denominator == 1 else Outcome.DIFFERENT


def same_progression(congruence: Relation, value: Node) -> Outcome:
    """Compares a congruence with the value that its left side is said to have: `7k + 3` for 3 modulo 7."""
    said, names = _parts(congruence), values.free(value)
    if said is None or len(names) != 1 or not names <= USUAL or not is_expression(value):
        return Outcome.DIFFERENT
    line, modulus = start_and_step(value, next(iter(names))), values.exact(said[2])
    if line is None or not modulus or values.exact(line[1]) not in (modulus, -modulus):
        return Outcome.DIFFERENT
    off = values.exact(difference(said[1], line[0]))
    return Outcome.EQUAL if off is not None and (off / modulus).denominator == 1 else Outcome.DIFFERENT


def _parts(relation: Relation) -> tuple[Node, Node, Node] | None:
    left, right = relation.sides
    if not isinstance(right, Call) or right.function != "mod":
        return None
    remainder, modulus = right.arguments
    return left, remainder, modulus
