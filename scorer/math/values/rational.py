"""Whether two quotients of polynomials are the same, decided modulo large primes at a few points.

The values of different ones agree at a random point with a chance of degree / 2^61, so three moduli leave no doubt,
and the time does not grow with the degree: `(x+1)^{100000}` takes 17 multiplications.
"""

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Node, Number, Power, Product, Sum, Symbol
from scorer.math.values.points import Stream
from scorer.math.values.walk import Survey

MAX_DEGREE = 1_000_000
"""Far below the primes, since `x^{p}` is `x` modulo p."""
_PRIMES = (2**61 - 1, 2**89 - 1)
_TRIES = 3


def identical(left: Node, right: Node, left_survey: Survey, right_survey: Survey) -> Outcome:
    """The comparison of two rational functions; UNKNOWN when one of them is something else."""
    if _degree(left) is None or _degree(right) is None:
        return Outcome.UNKNOWN
    stream = Stream(left_survey.digest ^ right_survey.digest)
    names = sorted(left_survey.unknowns | right_survey.unknowns)
    # The last modulus is not known before the expressions are, so that none can be made for it. It need not be prime.
    for prime in (*_PRIMES, (stream.below(2**63) << 64) + 2 * stream.below(2**62) + 1):
        for _ in range(_TRIES):
            point = {name: 2 + stream.below(prime - 2) for name in names}
            try:
                if _residue(left, point, prime) != _residue(right, point, prime):
                    return Outcome.DIFFERENT
                break
            except (ZeroDivisionError, ValueError):  # the latter where the modulus is no prime
                continue
        else:
            return Outcome.UNKNOWN  # one of them divides by zero everywhere
    return Outcome.EQUAL


def _degree(node: Node) -> int | None:
    """A bound of the degrees above and below the fraction bar; None for other expressions, and too high ones."""
    if isinstance(node, Number):
        return 0
    if isinstance(node, Symbol):
        return None if node.name == "..." else 1
    if isinstance(node, Power):
        exponent, base = _whole(node.exponent), _degree(node.base)
        if base is None or exponent is None or abs(exponent) > MAX_DEGREE:
            return None
        total = base * abs(exponent)
        return total if total <= MAX_DEGREE else None
    if isinstance(node, Sum | Product):
        total = 0
        for part in node.terms if isinstance(node, Sum) else node.factors:
            degree = _degree(part)
            if degree is None:
                return None
            total += degree
        return total if total <= MAX_DEGREE else None
    return None


def _whole(exponent: Node) -> int | None:
    """A whole number, with or without a sign."""
    if isinstance(exponent, Number):
        return exponent.value.numerator if exponent.value.denominator == 1 else None
    if isinstance(exponent, Product):
        result = 1
        for part in exponent.factors:
            if not isinstance(part, Number) or part.value.denominator != 1 or part.value.numerator.bit_length() > 40:
                return None
            result *= part.value.numerator
        return result if len(exponent.factors) < 5 else None
    return None


def _residue(node: Node, point: dict[str, int], prime: int) -> int:
    if isinstance(node, Number):
        value = node.value
        if value.denominator == 1:
            return value.numerator % prime
        return value.numerator * _inverse(value.denominator % prime, prime) % prime
    if isinstance(node, Symbol):
        return point[node.name]
    if isinstance(node, Sum):
        return sum(_residue(term, point, prime) for term in node.terms) % prime
    if isinstance(node, Product):
        result = 1
        for factor in node.factors:
            result = result * _residue(factor, point, prime) % prime
        return result
    assert isinstance(node, Power)  # as `_degree` has seen
    base, exponent = _residue(node.base, point, prime), _whole(node.exponent) or 0
    if exponent < 0:
        return pow(_inverse(base, prime), -exponent, prime)
    if exponent == 0 and base == 0:
        raise ZeroDivisionError
    return pow(base, exponent, prime)


def _inverse(value: int, prime: int) -> int:
    if value == 0:
        raise ZeroDivisionError
    return pow(value, -1, prime)
