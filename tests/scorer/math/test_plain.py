"""Plain notation as LaTeX."""

import pytest

from scorer.math.plain import to_latex


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("sqrt(3)/3", r"\sqrt{3}/3"),
        ("sqrt(sqrt(2)+1)", r"\sqrt{\sqrt{2}+1}"),
        ("2*sin(pi)", r"2*\sin (\pi )"),
        ("x**2", "x^2"),
        ("x^(n+1)", "x^{n+1}"),
        ("(1010100)_{2}", "1010100_{2}"),
        (r"\sin(x)", r"\sin(x)"),
        ("sinus", "sinus"),
        (r"\cos 60^{\circ}", r"\cos (\frac{60\pi}{180})"),
        (r"\text{sin}", r"\text{sin}"),
        ("sqrt(", "sqrt("),
    ],
)
def test_rewriting(text: str, latex: str) -> None:
    assert to_latex(text) == latex
