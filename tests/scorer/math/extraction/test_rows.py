"""Calculations in rows, and systems of equations in rows."""

import pytest

from scorer.math.extraction.rows import conclusion_of_rows


@pytest.mark.parametrize(
    ("rows", "conclusion"),
    [
        (r"x &= 2 + 3 \\ &= 5", "5"),
        (r"x &= 2 + 3 \\[4pt] &= 4 + 1 = 5.", "5"),
        (r"2x + 1 &= 5 \\ 2x &= 4 \\ x &= 2", "x = 2"),
        (r"2x &= 4 \\ \implies x &= 2", "x = 2"),
        (r"x &= 4 \\ y &= 2", "x = 4, y = 2"),
        (r"x &= 4y \\ y &= 2", "y = 2"),
        (r"x &= 1 + 1 \\ &\le 5", r"x \le 5"),
        (r"x = 9", "x = 9"),
    ],
)
def test_conclusion(rows: str, conclusion: str) -> None:
    assert conclusion_of_rows(rf"\begin{{align*}} {rows} \end{{align*}}") == conclusion


@pytest.mark.parametrize("text", ["5", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{align} \end{align}"])
def test_other_text_stays(text: str) -> None:
    assert conclusion_of_rows(text) == text
