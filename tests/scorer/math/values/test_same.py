"""Which expressions are worth the same: pairs as people write them."""

from fractions import Fraction

import pytest

from scorer.math.judgement import Outcome
from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import Number, Product, TooLarge
from scorer.math.values import same

EQUAL = [
    (r"\sqrt{15}+\sqrt{11}", r"\sqrt{26+2\sqrt{165}}"),
    (r"\sqrt[3]{2+\sqrt5}+\sqrt[3]{2-\sqrt5}", "1"),
    (r"\cos 75^\circ", r"\frac{\sqrt{6}-\sqrt{2}}{4}"),
    (r"\tan 20^\circ\tan 40^\circ\tan 80^\circ", r"\sqrt3"),
    (r"\frac{\ln 9}{\ln 243}", r"\frac25"),
    (r"\log 100", "2"),
    (r"\ln 8", r"3\log 2"),
    (r"e^{i\pi}", "-1"),
    (r"\frac{1+i}{1-i}", "i"),
    (r"i^{2023}", "-i"),
    (r"\sqrt{-4}", "2i"),
    (r"50\%", "0.5"),
    (r"\lfloor \sqrt{16}\rfloor", "4"),
    (r"\frac{100000!}{99999!}", "100000"),
    (r"1^{9^{9^{9^9}}}", "1"),
    (r"10^{10^{10}}\bmod 7", "4"),
    (r"3^{3^{3^3}} \bmod 10", "7"),
    (r"\sum_{k=1}^{10^{12}} k", r"\frac{10^{12}(10^{12}+1)}{2}"),
    (r"\sum_{n=1}^{\infty}\frac{n^2}{2^n}", "6"),
    ("e", r"\sum_{k=0}^{\infty}\frac{1}{k!}"),
    (r"2e", r"\sum_{k=0}^{\infty}\frac{k+1}{k!}"),
    (r"\cos 1", r"\sum_{k=0}^{\infty}\frac{(-1)^k}{(2k)!}"),
    (r"\frac{\pi^2}{6}", r"\sum_{n=1}^{\infty}\frac{1}{n^2}"),
    (r"\frac{\pi^2}{8}", r"\sum_{n=0}^{\infty}\frac{1}{(2n+1)^2}"),
    (r"\frac{\pi^4}{90}-1", r"\sum_{n=2}^{\infty} n^{-4}"),
    ("1", r"\sum_{n=1}^{\infty}\frac{1}{n(n+1)}"),
    (r"\frac12", r"\sum_{n=1}^{\infty}\frac{1}{(2n-1)(2n+1)}"),
    (r"\frac14", r"\sum_{n=1}^{\infty}\frac{1}{n(n+1)(n+2)}"),
    (r"\ln 2", r"\sum_{n=1}^{\infty}\frac{(-1)^{n+1}}{n}"),
    (r"\frac{\pi}{4}", r"\sum_{n=0}^{\infty}\frac{(-1)^n}{2n+1}"),
    (r"\frac{\pi^2}{12}", r"\sum_{n=1}^{\infty}\frac{(-1)^{n+1}}{n^2}"),
    (r"\sum_{k=0}^{\infty} x^k", r"\frac{1}{1-x}"),
    (r"\begin{vmatrix}1&2\\3&4\end{vmatrix}", "-2"),
    (r"2\infty", r"\infty"),
    ("(x+1)^{100000}", "(1+x)^{100000}"),
    (r"\frac{x^2}{x}", "x"),
    (r"\sin(8x+4y)", r"\sin(8x)\cos(4y)+\cos(8x)\sin(4y)"),
    (r"\ln x^2", r"2\ln x"),
    (r"\sqrt{x}\sqrt{y}", r"\sqrt{xy}"),
    (r"\sqrt[3]{x}", "x^{1/3}"),
    ("|x-5|", "|5-x|"),
    (r"2^{12x}", "8^{4x}"),
    (r"\arcsin x+\arccos x", r"\frac{\pi}{2}"),
    (r"\sqrt{x-1000}", r"\sqrt{-1000+x}"),
    (r"\sqrt{1-x^2-y^2-z^2}", r"\sqrt{1-(x^2+y^2+z^2)}"),
    ("f(2x)", "f(x+x)"),
    (r"\int_0^1 f(x)dx", r"\int_0^1 f(t)dt"),
    (r"\sum_{n=1}^\infty a_n", r"\sum_{k=1}^\infty a_k"),
    (r"\overline{x+iy}", "x-iy"),
    (r"x\bar{x}", "|x|^2"),
    (r"3\sqrt[3]{x}^2", "3x^{2/3}"),
    ("0x+5", "5"),
    (r"z\overline{z}", "|z|^2+0i"),
    ("e^{ix}", r"\cos x+i\sin x"),
    (r"\cos(n\pi)(-1)^{n}", "1"),
    (r"\binom{n}{k}", r"\frac{n!}{k!(n-k)!}"),
    (r"\sum_{k=1}^n k\cdot k!", "(n+1)!-1"),
    (r"\sum_{k=0}^{n}\binom{n}{k}", "2^n"),
]
DIFFERENT = [
    ("e-1+10^{-50}", r"\sum_{k=1}^{\infty}\frac{1}{k!}"),
    ("3", r"\sum_{n=1}^{\infty}\frac{1}{n^2}"),
    (r"\ln 2", r"\sum_{n=0}^{\infty}\frac{(-1)^{n}}{n+2}"),
    ("1/0", "2/0"),
    (r"\bar{x}", "x"),
    (r"\lg 2", r"\ln 2"),
    (r"e^{\pi\sqrt{163}}", "640320^3+744"),
    (r"\sin(2017\sqrt[5]{2})", "-1"),
    (r"1+9^{-4^{42}}", "1"),
    (r"\sqrt2+10^{-60}", r"\sqrt2"),
    (r"\sqrt2+10^{-900}", r"\sqrt2"),
    (r"\sqrt{1+10^{-400}}", "1"),
    (r"\cos(10^{-200})", "1"),
    (r"\tanh(1000)", "1"),
    (r"\arctan(10^{300})", r"\frac{\pi}{2}"),
    (r"\pi", r"\frac{22}{7}"),
    ("0.3333", r"\frac13"),
    (r"2^{-99}", r"2^{-98}"),
    (r"\frac{1}{2004!}", r"\frac{1}{2005!}"),
    (r"9^{9^9}+1", r"9^{9^9}"),
    (r"9^{9^{9^9}}", "1"),
    (r"5!!!!!", "120"),
    (r"10^{10^{10}}\bmod 7", "7"),
    (r"\frac{1}{0}", "0"),
    (r"\ln 0", r"\infty"),
    (r"\infty-\infty", "0"),
    (r"\infty", r"-\infty"),
    (r"\pi r^2", r"\pi R^2"),
    (r"\sqrt{x^2}", "x"),
    ("|x-5|", "x-5"),
    ("|x+500|", "x+500"),
    ("a^{b^c}", "(a^b)^c"),
    (r"\sin x", r"\sin x+10^{-300}"),
    (r"\sin(x+10^{-300})", r"\sin x"),
    ("f(x)", "f(y)"),
    ("f(x)", "g(x)"),
    ("(x+1)^{100000}", "(x+1)^{100001}"),
    (r"\sum_{k=1}^n k\cdot k!", "(n+1)!-2"),
    (r"\sin^2(5x)", r"\frac{1+\cos(10x)}{2}"),
    ("x", "5"),
    (r"z+\overline{z}", "2z"),
    (r"n \bmod 100", "n"),
    (r"\lceil x\rceil", r"\lfloor x\rfloor+1"),
    ("x^{2305843009213693951}", "x"),  # a prime, and modulo it they are the same
    (f"x+{(2**61 - 1) * (2**89 - 1) * (2**107 - 1)}", "x"),
]
UNKNOWN = [
    (r"(-8)^{1/3}", "-2"),  # the principal value is another
    (r"\int_0^{\pi}\sin x\,dx", "2"),
    (r"\sum_{k=0}^{\infty}\frac{1}{k^k}", "e"),
    ("e^x", r"\sum_{k=0}^{\infty}\frac{x^k}{k!}"),
    (r"\sum_{k=1}^{\infty}\frac{1}{k}", "100"),
    (r"\sum_{k=0}^{\infty}\frac{1}{k(k+1)}", "1"),
    (r"\lfloor\sin^2 1+\cos^2 1\rfloor", "1"),
    ("(1,2)", "(2,1)"),
    (r"1 \pm 2", r"1 \pm 3"),
    ("1+2+\\dots+n", r"\frac{n(n+1)}{2}"),
]


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal(left: str, right: str) -> None:
    assert same(parse(left), parse(right)) is Outcome.EQUAL
    assert same(parse(right), parse(left)) is Outcome.EQUAL


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different(left: str, right: str) -> None:
    assert same(parse(left), parse(right)) is Outcome.DIFFERENT
    assert same(parse(right), parse(left)) is Outcome.DIFFERENT


@pytest.mark.parametrize(("left", "right"), UNKNOWN)
def test_unknown(left: str, right: str) -> None:
    assert same(parse(left), parse(right)) is Outcome.UNKNOWN
    assert same(parse(right), parse(left)) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (r"\cos(10^{1000000})", "1"),
        (r"\sum_{k=1}^{10^{12}} \frac{1}{k}", "28"),
        (r"\prod_{k=1}^{10^{12}} k", "1"),
        (r"9^{9^{9^9}}", r"9^{9^{9^9}+1}"),
        (r"\sum_{k=1}^{9999} \sum_{j=1}^{9999} \sin(jk)", "1"),
    ],
)
def test_too_large(left: str, right: str) -> None:
    with pytest.raises(TooLarge):
        same(parse(left), parse(right))
    with pytest.raises(TooLarge):
        same(parse(right), parse(left))


def test_an_expression_too_deep_is_refused() -> None:
    deep = parse("x")
    for _ in range(2_000):
        deep = Product((Number(Fraction(2)), deep))
    with pytest.raises(TooLarge):
        same(deep, parse("x"))


def test_the_same_expression_is_equal_whatever_it_is() -> None:
    for text in ("(1,2)", r"\int_0^1 x\,dx", r"\text{even}"):
        assert same(parse(text), parse(text)) is Outcome.EQUAL
