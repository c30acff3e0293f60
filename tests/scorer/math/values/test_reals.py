"""Single numbers: exact values, digits, order, tolerances and canonical forms."""

from fractions import Fraction

import pytest

from scorer.math.judgement import Outcome
from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import TooLarge
from scorer.math.values import approximate, close, exact, free, order, simplest


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\frac{6!}{4!}", 30),
        (r"\binom{14}{5}", 2002),
        (r"0.\overline{3}", Fraction(1, 3)),
        (r"\sqrt{16}/8", Fraction(1, 2)),
        (r"\sqrt[3]{-27}", -3),
        (r"7!!", 105),
        (r"\gcd(12,18)", 6),
        (r"\operatorname{lcm}(4,6)", 12),
        (r"(-7) \bmod 3", 2),
        (r"\sum_{k=1}^{100} k^2", 338350),
        (r"\prod_{k=1}^{5} k", 120),
        (r"\lfloor -\frac{7}{2}\rfloor", -4),
        (r"\pi", None),
        (r"\frac{1}{0}", None),
        ("x", None),
        ("2+x-x", None),
    ],
)
def test_exact(text: str, value: int | Fraction | None) -> None:
    assert exact(parse(text)) == value


@pytest.mark.parametrize("text", ["2^{1000000}", "100000!", r"\binom{1000000}{500000}", "9^{9^{9}}"])
def test_exact_refuses_by_size(text: str) -> None:
    with pytest.raises(TooLarge):
        exact(parse(text))


def test_approximate() -> None:
    number, point = approximate(parse(r"\pi")), approximate(parse(r"3+4i"))
    assert number is not None and abs(number - 3.141592653589793) < 1e-15
    assert point is not None and complex(point) == 3 + 4j
    assert approximate(parse("x")) is None
    assert approximate(parse(r"\frac10")) is None


@pytest.mark.parametrize(
    ("left", "right", "sign"),
    [
        (r"\pi", "3", 1),
        ("3", r"\pi", -1),
        (r"\sqrt4", "2", 0),
        (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2", 0),
        (r"-\infty", "3", -1),
        (r"\infty", r"9^{9^9}", 1),
        (r"\infty", r"\infty", 0),
        (r"1+10^{-100}", "1", 1),
        ("i", "1", None),
        ("x", "1", None),
        (r"\infty", "i", None),
    ],
)
def test_order(left: str, right: str, sign: int | None) -> None:
    assert order(parse(left), parse(right)) == sign


@pytest.mark.parametrize(
    ("gold", "answer", "absolute", "relative", "within"),
    [
        (r"\pi", "3.14", 0.01, 0.0, True),
        (r"\pi", "3.14", 0.001, 0.0, False),
        ("2.5", "2.6", 0.1, 0.0, True),
        ("2.5", "2.60001", 0.1, 0.0, False),
        ("100", "101", 0.0, 0.01, True),
        ("100", "101.1", 0.0, 0.01, False),
        ("3+4i", "3+4.01i", 0.1, 0.0, True),
        ("3", "-3", 0.1, 0.1, False),
        ("0", "0.001", 0.0, 0.5, False),
        (r"\frac13", "0.333", 0.0, 0.01, True),
        (r"\frac13", r"\frac10", 0.5, 0.5, False),
        ("1", "2", float("inf"), 0.0, False),
    ],
)
def test_close(gold: str, answer: str, absolute: float, relative: float, within: bool) -> None:
    wanted = Outcome.EQUAL if within else Outcome.DIFFERENT
    assert close(parse(gold), parse(answer), absolute, relative) is wanted


@pytest.mark.parametrize(
    ("text", "form"),
    [("2/4", "1/2"), ("b a", "a*b"), (r"1+\sqrt2+3", simplest(parse(r"\sqrt2+4"))), ("x+1", simplest(parse("1+x")))],
)
def test_simplest(text: str, form: str) -> None:
    assert simplest(parse(text)) == form


def test_free() -> None:
    assert free(parse(r"\sum_{k=1}^{n} k x + f(y) + \pi")) == {"n", "x", "f", "y"}
