"""Values hold what they promise: the error is never more than they say."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import Call, Constant, Node, Number, Power, Product, Sum, TooLarge
from scorer.math.values.errors import Unclear, Undefined, Unsettled
from scorer.math.values.evaluate import Evaluator

_NUMBERS = st.builds(Number, st.fractions(-1000, 1000, max_denominator=1000))
_FUNCTIONS = [
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "exp",
    "ln",
    "log",
    "abs",
    "sgn",
    "floor",
    "factorial",
    "re",
    "im",
    "arg",
    "conjugate",
]


def _grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Sum, pairs),
        st.builds(Product, pairs),
        st.builds(Power, inner, inner),
        st.builds(Power, inner, st.just(Number(Fraction(1, 3))), st.just(True)),
        st.builds(Call, st.sampled_from(_FUNCTIONS), st.tuples(inner)),
        st.builds(Call, st.sampled_from(["max", "min", "mod", "log"]), st.tuples(inner, inner)),
    )


_CONSTANTS = st.sampled_from([Constant("pi"), Constant("e"), Constant("i")])
EXPRESSIONS = st.recursive(st.one_of(_NUMBERS, _CONSTANTS), _grow, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_the_error_is_within_its_bound(node: Node) -> None:
    try:
        rough_of, fine_of = Evaluator(64), Evaluator(500)
        rough, fine = rough_of.value(node), fine_of.value(node)
    except (Undefined, Unclear, Unsettled, TooLarge):
        return
    if isinstance(rough, Fraction) and isinstance(fine, Fraction):
        assert rough == fine
        return
    a, b = fine_of.ball(rough), fine_of.ball(fine)
    gap = fine_of.ball(fine_of.difference(a, b))
    assert gap.magnitude - 1 <= max(a.error, b.error) + 1


@pytest.mark.parametrize(
    "text", [r"\frac10", r"\frac00", r"\ln 0", r"\infty-\infty", r"(-3)!", r"5 \bmod 0", r"0^{-2}"]
)
def test_what_has_no_value(text: str) -> None:
    with pytest.raises(Undefined):
        Evaluator(128).value(parse(text))


@pytest.mark.parametrize("text", [r"\frac{1}{\sin\pi}", r"\ln(\sqrt8-2\sqrt2)", r"\lfloor\sin^2 1+\cos^2 1\rfloor"])
def test_what_no_precision_settles(text: str) -> None:
    with pytest.raises(Unsettled):
        Evaluator(1_000).value(parse(text))


def test_real_values_only() -> None:
    of = Evaluator(128, complex_numbers=False)
    for text in (r"\sqrt{-2}", r"\ln(-2)", r"(-2)^{\pi}"):
        with pytest.raises(Undefined):
            of.value(parse(text))


def test_work_is_bounded() -> None:
    with pytest.raises(TooLarge):
        Evaluator(128, steps=20).value(parse("+".join("x" * 30).replace("x", r"\pi")))
