r"""Congruences: `x \equiv 2 \pmod 5` says the same as `x \equiv 7 \pmod 5`."""

from scorer.math import values
from scorer.math.answers.match import all_of
from scorer.math.answers.stated import Same
from scorer.math.answers.trees import difference
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


def _parts(relation: Relation) -> tuple[Node, Node, Node] | None:
    left, right = relation.sides
    if not isinstance(right, Call) or right.function != "mod":
        return None
    remainder, modulus = right.arguments
    return left, remainder, modulus
