"""Sums and products over a variable: term by term when they are short, in closed form when there is an easy one."""

import itertools
from fractions import Fraction

from scorer.math.syntax.tree import Big, Constant, Node, Number, Power, Product, Sum, Symbol, TooLarge
from scorer.math.values import series
from scorer.math.values.arithmetic import Arithmetic, Value
from scorer.math.values.errors import Ambiguous, Unclear, Undefined
from scorer.math.values.walk import survey

MAX_TERMS = 10_000
_SHORT = 30
_BIG_STEPS = 10
_MAX_DEGREE = 20
_ONE = Number(Fraction(1))


def big(of: Arithmetic, node: Big) -> Value:
    """The value of a sum or product. Raises `Unclear` for integrals and limits, and what `Evaluator.value` raises."""
    of.spend(_BIG_STEPS * of.step)
    if node.kind not in ("sum", "product") or node.lower is None or node.upper is None:
        raise Unclear(f"the {node.kind}")
    first = _whole(of.value(node.lower))
    if isinstance(node.upper, Constant) and node.upper.name == "infinity":
        return _series(of, node, first)
    last = _whole(of.value(node.upper))
    if last < first:
        return Fraction(0 if node.kind == "sum" else 1)
    degree = _degree(node.body, node.variable) if node.kind == "sum" and last - first > _SHORT else None
    if degree is not None:
        return _interpolate(of, node, first, last, degree)
    if last - first >= MAX_TERMS:
        raise TooLarge(f"a sum or product of more than {MAX_TERMS} terms")
    values = [_term(of, node, k) for k in range(first, last + 1)]
    return of.sum(values) if node.kind == "sum" else of.product(values)


def _whole(value: Value) -> int:
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise Ambiguous("a sum with such a bound")
    return value.numerator


def _term(of: Arithmetic, node: Big, k: int) -> Value:
    outer = of.unknowns
    of.unknowns = {**outer, node.variable: Fraction(k)}
    try:
        return of.value(node.body)
    finally:
        of.unknowns = outer


def _interpolate(of: Arithmetic, node: Big, first: int, last: int, degree: int) -> Value:
    """A long sum over a polynomial, which is a polynomial of one degree more in its number of terms."""
    total, terms = Fraction(0), last - first + 1
    partial: list[Value] = [total]
    for k in range(first, first + degree + 1):
        partial.append(of.sum([partial[-1], _term(of, node, k)]))
    # Newton's form: the differences of the partial sums times the binomial coefficients of the number of terms.
    results: list[Value] = []
    coefficient = Fraction(1)
    for order in range(degree + 2):
        results.append(of.product([coefficient, partial[0]]))
        partial = [of.difference(after, before) for before, after in itertools.pairwise(partial)]
        coefficient = coefficient * (terms - order) / (order + 1)
    return of.sum(results)


def _series(of: Arithmetic, node: Big, first: int) -> Value:
    """An infinite sum over a polynomial times `r**k`: sum of D_j r^j / (1-r)^(j+1), with the differences D_j at 0."""
    if node.kind != "sum":
        raise Unclear("an infinite product")
    polynomial, powers = _split(node.body, node.variable)
    degree = _degree(polynomial, node.variable)
    if degree is None or not powers:
        return _other_series(of, node, first)
    geometric = Big("sum", node.variable, node.lower, node.upper, powers[0] if len(powers) == 1 else Product(powers))
    start = _term(of, geometric, first)
    ratio = of.product([_term(of, geometric, first + 1), of.power(start, Fraction(-1))])
    rest = of.difference(Fraction(1), ratio)
    _check_convergence(of, ratio)
    shape = Big("sum", node.variable, node.lower, node.upper, polynomial)
    differences: list[Value] = [_term(of, shape, first + k) for k in range(degree + 1)]
    results: list[Value] = []
    inverse = of.power(rest, Fraction(-1))
    factor = of.product([start, inverse])
    for _ in range(degree + 1):
        results.append(of.product([differences[0], factor]))
        differences = [of.difference(after, before) for before, after in itertools.pairwise(differences)]
        factor = of.product([factor, ratio, inverse])
    return of.sum(results)


def _other_series(of: Arithmetic, node: Big, first: int) -> Value:
    """Sums with factorials or linear factors in the denominator, where they surely converge absolutely or alternate."""
    if of.unknowns:  # at many points it would take too long
        raise Unclear("an infinite sum")
    found = series.shape(
        node.body,
        node.variable,
        lambda part: _degree(part, node.variable),
        lambda part: _is_geometric(part, node.variable),
    )

    def term(part: Node, k: int) -> Value:
        return _term(of, Big("sum", node.variable, node.lower, node.upper, part), k)

    polynomial, geometric = Product((_ONE, *found.polynomial)), Product((_ONE, *found.geometric))
    degree = _degree(polynomial, node.variable)
    if degree is None:
        raise Unclear("an infinite sum")
    start = term(geometric, first)
    ratio = of.product([term(geometric, first + 1), of.power(start, Fraction(-1))])
    if found.factorials and not found.below:
        return series.with_factorials(of, term, found, first, degree, ratio, start)
    if found.factorials or degree or not found.below:
        raise Unclear("an infinite sum")
    factor, exponent = found.below[0]
    if not found.geometric and len(found.below) > 1 and all(power == 1 for _, power in found.below):
        value: Value = series.telescoping(term, found, first)
    elif not found.geometric and len(found.below) == 1 and exponent > 1:
        value = series.of_powers(of, term, factor, exponent, first)
    elif ratio == -1 and len(found.below) == 1:
        value = series.alternating(of, term, factor, exponent, first)
    else:
        raise Unclear("an infinite sum")
    return of.product([term(polynomial, first), start, value])


def _check_convergence(of: Arithmetic, ratio: Value) -> None:
    if isinstance(ratio, Fraction):
        if abs(ratio) >= 1:
            raise Undefined("a series that does not converge")
        return
    size = of.difference(of.product([ratio, ratio]), Fraction(1))
    if isinstance(size, Fraction) or size.imaginary is not None or not size.nonzero:
        raise Unclear("a series that may not converge")
    if not size.real[0]:
        raise Undefined("a series that does not converge")


def _split(body: Node, variable: str) -> tuple[Node, tuple[Node, ...]]:
    """Factors that are polynomials in the variable, and factors that have it, linearly, in their exponent only."""
    polynomials: list[Node] = []
    powers: list[Node] = []
    pending = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, Product):
            pending.extend(node.factors)
        elif isinstance(node, Power) and _is_geometric(node, variable):
            powers.append(node)
        else:
            polynomials.append(node)
    return Product((Number(Fraction(1)), *polynomials)), tuple(powers)


def _is_geometric(node: Node, variable: str) -> bool:
    """`r**(ak+b)`, or a power of such, with r free of the variable."""
    if not isinstance(node, Power):
        return False
    base, exponent = variable in survey(node.base).unknowns, variable in survey(node.exponent).unknowns
    if base and not exponent:
        inside = node.base.factors if isinstance(node.base, Product) else (node.base,)
        return all(variable not in survey(part).unknowns or _is_geometric(part, variable) for part in inside)
    return exponent and not base and _degree(node.exponent, variable) == 1


def _degree(node: Node, variable: str) -> int | None:
    """A bound of the degree of a polynomial in the variable; None for what is none, or of too high a degree."""
    if isinstance(node, Symbol):
        return 1 if node.name == variable else 0
    if isinstance(node, Sum | Product):
        inside = [_degree(part, variable) for part in (node.terms if isinstance(node, Sum) else node.factors)]
        degrees = [degree for degree in inside if degree is not None]
        if len(degrees) < len(inside):
            return None
        degree = max(degrees) if isinstance(node, Sum) else sum(degrees)
        return degree if degree <= _MAX_DEGREE else None
    if variable not in survey(node).unknowns:
        return 0
    if isinstance(node, Big) and node.kind == "sum" and node.lower is not None and node.upper is not None:
        bounds = survey(node.lower).unknowns | survey(node.upper).unknowns
        return None if variable in bounds else _degree(node.body, variable)
    if isinstance(node, Power) and isinstance(node.exponent, Number):
        base, exponent = _degree(node.base, variable), node.exponent.value
        if base is not None and exponent.denominator == 1 and exponent >= 0 and base * exponent <= _MAX_DEGREE:
            return base * exponent.numerator
    return None
