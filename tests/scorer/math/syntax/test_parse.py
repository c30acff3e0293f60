"""How answers are read: each text beside the canonical printing of its tree."""

import pytest

from scorer.math.syntax.parse import parse
from scorer.math.syntax.show import show
from scorer.math.syntax.tree import NotReadable


def read(text: str) -> str:
    try:
        return show(parse(text))
    except NotReadable:
        return "not readable"


def check(text: str, expected: str) -> None:
    assert read(text) == expected


EXPRESSIONS = [
    (r"\frac{\sqrt{3}}{2}", "sqrt(3)/2"),
    ("sqrt(3)/2", "sqrt(3)/2"),
    ("√3/2", "sqrt(3)/2"),
    ("2√3", "2*sqrt(3)"),
    (r"\sqrt[3]{x}", r"\sqrt[3]{x}"),
    ("cbrt(2)", r"\sqrt[3]{2}"),
    (r"\frac12", "1/2"),
    (r"\frac1{2}", "1/2"),
    (r"\frac ab", "a/b"),
    (r"\dfrac{\pi}{6}", "pi/6"),
    (r"7\sin\left(\frac{\pi}{5}x\right)+1", "7*sin((pi/5)*x) + 1"),
    ("7*sin(pi*x/5)+1", "7*sin(pi*x/5) + 1"),
    ("x**2", "x^2"),
    ("x²", "x^2"),
    ("x^10", "x^10"),
    ("2^-1", "2^(-1)"),
    ("2^3^2", "2^(3^2)"),
    ("e^{i\\pi}", "e^(i*pi)"),
    ("-x^2", "-x^2"),
    ("2xy", "2*x*y"),
    ("3(x+1)(x-2)", "3*(x + 1)*(x - 2)"),
    (r"a\cdot b \times c", "a*b*c"),
    ("144 \\div 5", "144/5"),
    ("a_{n+1}", "a_{n+1}"),
    ("x_1'", "x_1'"),
    ("x'_1", "x_1'"),
    ("n!", "n!"),
    ("n!!", "n!!"),
    (r"\binom{n}{2}", r"\binom{n}{2}"),
    (r"{n \choose k}", r"\binom{n}{k}"),
    (r"{}_5C_2", r"\binom{5}{2}"),
    ("|x-5|", r"\lvert x - 5\rvert"),
    ("||x|-1|", r"\lvert \lvert x\rvert - 1\rvert"),
    (r"|x||y|", r"\lvert x\rvert*\lvert y\rvert"),
    (r"\lfloor x \rfloor", "floor(x)"),
    (r"\overline{z}", r"\overline{(z)}"),
    (r"10^{10^{10}} \bmod 7", "10^(10^10) mod 7"),
    (r"-1 \pm 2i", r"-1 \pm 2*i"),
    (r"\mp 3", r"\mp 3"),
    (r"3\mathrm{i}", "3*i"),
    (r"\vec{v}", "v"),
    (r"(1,2)^T", r"\begin{pmatrix}1 \\ 2\end{pmatrix}"),
    (r"\sum_{i=1}^n i^2", r"\sum_{i=1}^{n} \vec{i}^2"),
    (r"\int_0^1 x^2\,\mathrm{d}x", r"\int_{0}^{1} x^2 dx"),
    (r"\int_0^{\infty} e^{-x}dx", r"\int_{0}^{inf} e^(-x) dx"),
    (r"\lim_{n\to\infty} \left(1+\frac1n\right)^n", r"\lim_{n \to inf} (1 + 1/n)^n"),
    ("6.02 x 10^23", "6.02*10^23"),
    ("(sqrt(5)-1)/2", "(sqrt(5) - 1)/2"),
    (r"\gcd(12, 18)", "gcd(12, 18)"),
    (r"\max\{a,b\}", "max(a, b)"),
    ("2^6 3^5", "2^6*3^5"),
    ("x^2 3", "x^2*3"),
    ("5!7!", "5!*7!"),
    (r"C_{10}^3", r"\binom{10}{3}"),
    ("A_5^{2}", "P_{5}^{2}"),
    ("C_2^{10}", "C_2^10"),
    ("+/-5", r"\pm 5"),
    ("+-5", r"\pm 5"),
    ("3+-5", "3 - 5"),
    ("4/3π", "(4/3)*pi"),
    ("1/4 n(n+1)", "(1/4)*n*(n + 1)"),
    ("(1)/(4)n", "(1/4)*n"),
    ("5C2", r"\binom{5}{2}"),
    (r"\Gamma(x)", "(x + (-1))!"),
    (r"2\text{cis}(x)", "2*(cos(x) + i*sin(x))"),
    (r"\mathbf u\times\mathbf v", "cross(u, v)"),
    (r"\lg x", r"\log_{10}(x)"),
    (r"\overline{AB}", "A*B"),
]


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expressions(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\sin 2x", "sin(2*x)"),
        (r"\sin x^2", "sin(x^2)"),
        (r"\sin^2 x", "sin(x)^2"),
        (r"\sin^{-1} x", "arcsin(x)"),
        ("tan^-1(x)", "arctan(x)"),
        (r"\sin x\cos x", "sin(x)*cos(x)"),
        ("2sinxcosx", "2*sin(x)*cos(x)"),
        (r"\ln|x|", r"ln(\lvert x\rvert)"),
        (r"\log_2 8", r"\log_{2}(8)"),
        ("log_2(8)", r"\log_{2}(8)"),
        (r"\sin(x)y", "sin(x)*y"),
        (r"\ln 2(x+1)", "ln(2*(x + 1))"),
        (r"\sin\pi/6", "sin(pi/6)"),
        (r"\log 2 / \log 3", "log(2)/log(3)"),
        (r"\operatorname{arccot}(5)", "arccot(5)"),
        (r"\sin x/2", "not readable"),
        (r"\ln x e^x", "not readable"),
    ],
)
def test_functions_know_where_their_argument_ends(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x)=x^2", "f(x) = x^2"),
        ("f(x+1)", "f(x + 1)"),
        ("x(x+1)", "x*(x + 1)"),
        ("h(a+b)/2", "h*(a + b)/2"),
        ("P(2)", "P(2)"),
        ("y(t)=e^{-t}", "y(t) = e^(-t)"),
        ("f^{-1}(x)", "f^{-1}(x)"),
        ("f'(x)", "f'(x)"),
        ("A(1,2)", "A = (1, 2)"),
        ("A=(1,2)", "A = (1, 2)"),
        ("e(2)", "e*2"),
    ],
)
def test_unknown_functions_points_and_products(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1,2)", "(1, 2)"),
        (r"\left(-\infty, 3\right]", "(-inf, 3]"),
        ("(−∞, 3) ∪ (5, ∞)", r"(-inf, 3) \cup (5, inf)"),
        ("(-inf,3) U (5,oo)", r"(-inf, 3) \cup (5, inf)"),
        ("]1;2[", "]1, 2["),
        ("[-1;3[", "[-1, 3["),
        (r"\{1,2\}", r"\{1, 2\}"),
        ("{1, 2}", r"\{1, 2\}"),
        (r"\{\}", r"\{\}"),
        (r"\varnothing", r"\emptyset"),
        (r"\{x \mid x>0\}", r"\{x \mid x > 0\}"),
        ("{x | x > 0}", r"\{x \mid x > 0\}"),
        (r"\{x : |x| < 3\}", r"\{x \mid \lvert x\rvert < 3\}"),
        (r"\{x \in \mathbb{R} \mid x \ne 1\}", r"\{x \in \mathbb{R} \mid x != 1\}"),
        (r"\mathbb{R}\setminus\{0\}", r"\mathbb{R} \setminus \{0\}"),
        ("R - {0}", r"\mathbb{R} \setminus \{0\}"),
        (r"x \in R", r"x \in \mathbb{R}"),
        (r"\mathbb{Z}_{>0}", r"\mathbb{Z}^{+}"),
        ("all real numbers", r"\mathbb{R}"),
        (r"\text{any real number}", r"\mathbb{R}"),
        (r"\text{all real numbers except } 2", r"\mathbb{R} \setminus \{2\}"),
        ("all integers except 2 and 3", r"\mathbb{Z} \setminus \{2, 3\}"),
        ("[1, 2; 3, 4]", r"\begin{pmatrix}1 & 2 \\ 3 & 4\end{pmatrix}"),
        ("[1,2;3,4]", "not readable"),
        ("[[1,2],[3,4]]", "[[1, 2], [3, 4]]"),
        ("<1,2,3>", r"\langle 1, 2, 3 \rangle"),
        (r"\left(\begin{array}{cc}1&2\\3&4\end{array}\right)", r"\begin{pmatrix}1 & 2 \\ 3 & 4\end{pmatrix}"),
        (r"\begin{cases} x & x>0 \\ 0 & \text{otherwise} \end{cases}",
         r"\begin{cases}x & x > 0 \\ 0 & \text{otherwise}\end{cases}"),
        (r"\left\{\begin{array}{l} x=1 \\ y=2 \end{array}\right.", "x = 1, y = 2"),
        (r"\begin{aligned} x &= 1 \\ y &= 2\end{aligned}", "x = 1, y = 2"),
    ],
)  # fmt: skip
def test_collections(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"0<x\le 5", "0 < x <= 5"),
        (r"x \not= 0", "x != 0"),
        ("x > 3 or x < -1", "x > 3 or x < -1"),
        (r"x=1 \text{ or } x=2", "x = 1 or x = 2"),
        ("x=1,y=2 or x=3,y=4", "x = 1; y = 2 or x = 3; y = 4"),
        (r"1, 2, \text{ and } 3", "1, 2, 3"),
        ("1, 2, or 3", "1 or 2 or 3"),
        ("(1,2);(3,4)", "(1, 2), (3, 4)"),
        ("x = 1, 2", "x = 1, 2"),
        ("2:3:4", "2:3:4"),
        ("3{:}4", "3:4"),
        (r"3 \text{ to } 4", "3:4"),
        (r"m\angle ABC = 60^\circ", r"\angle ABC = 60°"),
        (r"\measuredangle \theta", r"\angle theta"),
        (r"x_{1}=10,\quadx_{2}=11", "x_1 = 10, x_2 = 11"),
        (r"\frac{NO}{BO}=2", "N*O/(B*O) = 2"),
        (r"x \equiv 3 \pmod 5", r"x \equiv 3 \pmod{5}"),
        ("x ≡ 3 (mod 5)", r"x \equiv 3 \pmod{5}"),
        (r"y=\frac{x^2}{4}+1\ (x>0)", "y = x^2/4 + 1, x > 0"),
        (r"x = k\pi, k \in \mathbb{Z}", r"x = k*pi, k \in \mathbb{Z}"),
        ("$x=1$ and $y=2$", "x = 1, y = 2"),
        (r"x=5, \quad y=2", "x = 5, y = 2"),
        (r"x=5 \quad y=2", "x = 5, y = 2"),
        ("$x=5$ $y=2$", "x = 5, y = 2"),
        (r"x=1 \quad 5", "not readable"),
        (r"1 \quad 2", "not readable"),
        ("≈ 5", r"\text{} \approx 5"),
        ("dy/dx = 2x", "dy/dx = 2*x"),
        (r"\frac{dy}{dx} = 2x", "dy/dx = 2*x"),
    ],
)
def test_relations_and_lists(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\text{even}", r"\text{even}"),
        ("DNA", r"\text{DNA}"),
        ("xyz", "x*y*z"),
        ("no solution", r"\text{no solution}"),
        ("June 20", r"\text{June 20}"),
        ("15th", r"\text{15th}"),
        (r"\text{(B)}", "B"),
        ("(C) 42", "(C) 42"),
        ("C. 42", "(C) 42"),
        ("(B) + (C)", "B + C"),
        ("2 pieces", r"2 \text{piece}"),
    ],
)
def test_words_and_choices(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"f(x)=x \text{ for all } x", "f(x) = x"),
        (r"f(x)=1 \text{ for all } x \in \mathbb{Q}", r"f(x) = 1, x \in \mathbb{Q}"),
        (r"x=k\pi, \text{ for } k \in \mathbb{Z}", r"x = k*pi, k \in \mathbb{Z}"),
        (r"x=k\pi where k is an integer", r"x = k*pi, k \in \mathbb{Z}"),
        ("$(t,2t)$ for all real numbers $t$", r"(t, 2*t), t \in \mathbb{R}"),
        (r"x=a+b \text{ where } a,b \in \mathbb{Z}", r"x = a + b, a \in \mathbb{Z}, b \in \mathbb{Z}"),
    ],
)
def test_what_is_said_about_letters_joins_the_list(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    "text",
    [
        "1/2x", "a/bc", "6/2(1+2)", r"1/2\pi", "1/(x+1)(x+2)", "x^1/2", "2^-1/2", "2^n!", "5!=120",  # both are meant
        "2 3", "5 4.6", "x2", r"\overline{ab}", r"\overline{ABC}", r"\frac{d}{dx} y",
        "-[0,1)", "2[0,1]", r"3\frac{7}{2}",
        "(1,2", "5)", "1/", "*5", "=5", "5,,6", "()", "[]", r"\frac{1}{2", "{5",
        r"5 \text{ with probability } 1", r"5 \text{ for } x",
        r"5 \text{ or more}", r"\text{only } x=0", "~5",
        r"\unknown{5}", "eval('1')", "().__class__", "globals()", r"\input{/etc/passwd}", "1;rm -rf canary/x",
        "(1,2)(3,4)", "(1,2] or", "(5]", "3.14159...",
        "5|6|7", "6 % 5", "7?8", ">7", r"\text{at most } 5", r"\text{all real numbers except if } x", r"\frac{1}{2} 3",
    ],
)  # fmt: skip
def test_what_is_not_understood_wholly_is_refused(text: str) -> None:
    check(text, "not readable")
