"""Symbolic comparison, in process: forms that are equal, and what math-verify alone accepts wrongly."""

import pytest
from math_verify import grader

from scorer.math import symbolic
from scorer.math.symbolic import equal, parse


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\frac{\sqrt{2}}{2}", r"\frac{1}{\sqrt{2}}"),
        (r"\sin 2x", r"2\sin x\cos x"),
        (r"\frac{\sqrt{3}}{3}", "sqrt(3)/3"),
        (r"7*sin(pi*x/5)+1", r"7\sin\left(\frac{\pi}{5}x\right)+1"),
        ("x=5", "5"),
        ("f(x)=x^2", "x^2"),
        (r"\{1,2\}\cup\{3\}", r"\{1,2,3\}"),
        ("-1", r"e^{i\pi}"),
        ("-8", r"(1+i\sqrt{3})^3"),
        (r"\frac{\sqrt6-\sqrt2}{4}", r"\cos 75^\circ"),
        ("-4-2i", "z=-4-2i"),
        (r"\begin{pmatrix}1/2&0\\0&1\end{pmatrix}", r"\begin{pmatrix}\frac12&0\\0&1\end{pmatrix}"),
        (r"\frac{3}{4}x", "0.75x"),
        ("10^5", "1e5"),
        ("1e5", "10^5"),
        ("10^{-3}", "1e-3"),
        ("2^{20}", "1.048576e6"),
        ("5!", "1.2e2"),
        ("xyz", "zyx"),
        ("e", r"\sum_{k=0}^{\infty}\frac{1}{k!}"),
        ("2", r"\int_0^{\pi}\sin x\,dx"),
        ("2", r"A=\int_0^{\pi}\sin x\,dx"),
        ("e^2", r"\lim_{n\to\infty}\left(1+\frac{2}{n}\right)^n"),
        (r"\frac{n(n+1)}{2}", r"\sum_{k=1}^{n} k"),
        (r"\frac{a^2}{2}", r"\int_0^a t\,dt"),
        (
            r"\begin{pmatrix}1&2\\0&1\end{pmatrix}",
            r"\begin{pmatrix}1&1\\0&1\end{pmatrix}\begin{pmatrix}1&1\\0&1\end{pmatrix}",
        ),
    ],
)
def test_equal(gold: str, answer: str) -> None:
    assert equal(gold, answer)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("2^{-98}", "2^{-99}"),
        (r"\frac{1}{2005!}", r"\frac{1}{2004!}"),
        (r"\pi R^2", r"\pi r^2"),
        ("7", r"10^{10} \bmod 7"),
        ("5", "5 or 6"),
        ("3", r"x=3\text{ or }x=4"),
        ("3", "1,2,3"),
        ("x=2,y=1", "(1,2)"),
        ("0", "x-y=0"),
        ("42", "6*8=42"),
        (r"\pm 3", "3"),
        (r"\frac{\pi}{3}\text{ cm}", r"\frac{\pi}{3}\text{ m}"),
        (r"\sqrt{2}", "1.414214"),
        (r"\pi", r"\frac{22}{7}"),
        ("2", r"[0,10]"),
        ("(3,-5)", "(-5,3)"),
        ("(0,1)", "[0,1]"),
        ("5", "5 )"),
        ("5", r"5 \text{ and } \foo{6}"),
        ("x", "|x|"),
        (r"(-\infty,2)\cup(3,\infty)", r"x\le 2\text{ or }x>3"),
        (r"(-\infty,2)\cup(3,\infty)", r"x<2\text{ or }y>3"),
        (r"(-\infty,2)\cup(3,\infty)", "x<2"),
        ("5e", "1e5"),
        ("25e", "5e5"),
        ("e", "1e1"),
        ("1+2i", "(1,2)"),
        ("0", r"\infty-\infty"),
        ("1", r"eval(\"1\")"),
        (r"45^\circ", "45'"),
        ("5", r"\phantom{5}"),
        ("5", "5_a"),
        ("Q(t)=t^2", "Q'(t)=t^2"),
        ("2x^2", "2x^2'"),
        (r"\ln 5", r"\ln_5 5"),
        (r"\{0,1,2\}", r"\{0,1,2\ldots\}"),
        ("x_{12}", "x_{1}2"),
        ("0", r"0\text{ or undefined}"),
        ("0", "0e99x"),
        ("3 hours 20 minutes", "3 minutes 20 hours"),
        ("2", r"\int_0^{\pi}\sin x\,dx\text{ foo}"),
        ("2", r"\int_0^{\pi}\sin 2x\,dx"),
        (r"\frac{a^2}{2}", r"\int_0^b t\,dt"),
        ("I=2", r"J=\int_0^{\pi}\sin x\,dx"),
        ("x<1", "x<1"),
        ("1=1", "1=1"),
    ],
)
def test_different(gold: str, answer: str) -> None:
    assert not equal(gold, answer)


def test_the_whole_text_is_read_or_nothing() -> None:
    assert parse(r"10^{10^{2}} \bmod 7") is None
    assert parse("5 )") is None
    assert parse("") is None


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_resource_errors_that_math_verify_swallows_come_out(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(grader, "simplify", symbolic._noting(fail))
    with pytest.raises(error):
        equal("x+1", "x+2")
