"""Slips of the pen are corrected where they leave no doubt, and nowhere else."""

import pytest

from scorer.math.syntax.slips import corrected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\\frac{1}{2}", r"\frac{1}{2}"),
        (r"-2 \\le x \\le 7", r"-2 \le x \le 7"),
        (r"\\begin{matrix} x \\\\ \\sqrt{3} \\end{matrix}", r"\begin{matrix} x \\ \sqrt{3} \end{matrix}"),
        (r"\\dfrac{2}{3} +\frac{1}{72}", r"\dfrac{2}{3} +\frac{1}{72}"),
        (r"1 + \\frac{1}{2}-\frac13", r"1 + \frac{1}{2}-\frac13"),
        ("185\\", "185"),
        (r"$\sqrt{2}}$", r"$\sqrt{2}$"),
        (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}}", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    ],
)
def test_slips(text: str, expected: str) -> None:
    assert corrected(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"x=5\\y=2",
        r"x=\sqrt2\\\sqrt3",
        r"\sqrt2\\frac12",
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        r"\begin{matrix}\frac12 \\\frac13\end{matrix}",
        r"\{x^{2}\}",
        r"x^{2}",
        r"5\\",
        r"5}",
    ],
)
def test_no_slips(text: str) -> None:
    assert corrected(text) == text
