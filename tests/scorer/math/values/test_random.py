"""Random expressions: values against sympy, and what must hold of any comparison."""

from fractions import Fraction

import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.math.judgement import Outcome
from scorer.math.syntax.tree import Call, Constant, Node, Number, Power, Product, Sum, Symbol, TooLarge
from scorer.math.values import approximate, free, same, simplest

_NUMBERS = st.builds(Number, st.fractions(-20, 20, max_denominator=12))
_CONSTANTS = st.sampled_from([Constant("pi"), Constant("e"), Constant("i")])
_UNKNOWNS = st.sampled_from([Symbol("x"), Symbol("y")])
_FUNCTIONS = ["sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "exp", "ln", "abs"]
_EXPONENTS = st.builds(Number, st.sampled_from([Fraction(n) for n in (-2, -1, 2, 3)] + [Fraction(1, 2)]))


def _grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Sum, pairs),
        st.builds(Product, pairs),
        st.builds(Power, inner, _EXPONENTS),
        st.builds(Call, st.sampled_from(_FUNCTIONS), st.tuples(inner)),
    )


CONSTANT = st.recursive(st.one_of(_NUMBERS, _CONSTANTS), _grow, max_leaves=6)
EXPRESSION = st.recursive(st.one_of(_NUMBERS, _UNKNOWNS), _grow, max_leaves=6)


def _outcome(left: Node, right: Node) -> Outcome:
    try:
        return same(left, right)
    except TooLarge:
        return Outcome.SIZE


def _sympy(node: Node) -> sympy.Expr:
    match node:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Constant(name):
            return {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}[name]
        case Sum(terms):
            return sympy.Add(*(_sympy(term) for term in terms), evaluate=False)
        case Product(factors):
            return sympy.Mul(*(_sympy(factor) for factor in factors), evaluate=False)
        case Power(base, exponent):
            return sympy.Pow(_sympy(base), _sympy(exponent), evaluate=False)
        case Call(function, (argument,)):
            known = {"abs": sympy.Abs, "ln": sympy.log, "arctan": sympy.atan}
            head = known[function] if function in known else getattr(sympy, function)
            return head(_sympy(argument), evaluate=False)
    raise AssertionError(node)


@settings(max_examples=80, deadline=None)
@given(CONSTANT)
def test_values_are_those_of_sympy(node: Node) -> None:
    try:
        ours = approximate(node, 20)
    except TooLarge:
        return
    if ours is None or abs(ours) > 1e300:
        return
    theirs = complex(_sympy(node).evalf(20, maxn=400))
    assert abs(complex(ours) - theirs) <= 1e-12 * max(abs(theirs), 1e-3)


@settings(max_examples=100, deadline=None)
@given(EXPRESSION, EXPRESSION)
def test_order_of_the_two_does_not_matter(left: Node, right: Node) -> None:
    assert _outcome(left, right) is _outcome(right, left)


@settings(max_examples=100, deadline=None)
@given(EXPRESSION, EXPRESSION, EXPRESSION)
def test_rewriting_keeps_the_value(a: Node, b: Node, c: Node) -> None:
    for left, right in (
        (Sum((a, b, c)), Sum((c, Sum((b, a))))),
        (Product((a, b)), Product((b, a))),
        (Product((a, Sum((b, c)))), Sum((Product((a, b)), Product((c, a))))),
        (Power(Sum((a, b)), Number(Fraction(2))), Product((Sum((b, a)), Sum((a, b))))),
    ):
        if not free(left) and approximate(left) is None:
            continue  # what has no value equals nothing but itself
        assert _outcome(left, right) is not Outcome.DIFFERENT


@settings(max_examples=100, deadline=None)
@given(EXPRESSION, st.sampled_from([Fraction(1), Fraction(-1, 7), Fraction(1, 10**80)]))
def test_another_value_is_never_equal(node: Node, change: Fraction) -> None:
    assert _outcome(node, Sum((node, Number(change)))) is not Outcome.EQUAL
    assert _outcome(Sum((Number(change), node)), node) is not Outcome.EQUAL


@settings(max_examples=60, deadline=None)
@given(EXPRESSION)
def test_the_simplest_form_is_a_text(node: Node) -> None:
    assert simplest(node) == simplest(node) != ""
