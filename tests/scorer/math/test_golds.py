"""Golds that nothing can be compared with are found, and no others."""

import pytest

from scorer.math.golds import MAX_WORDS, check
from scorer.math.judgement import Options


@pytest.mark.parametrize(
    ("gold", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (r"\boxed{}", "empty"),
        ("...", "empty"),
        ("$$", "punctuation"),
        ("N/A", "placeholder"),
        ("nan", "placeholder"),
        ("None", "placeholder"),
        ("null", "placeholder"),
        ("?", "placeholder"),
        (r"\frac{1}{", "braces"),
        (r"\frac{1}{2}}", "braces"),
        ("(1, 2", "brackets"),
        (r"\left(1, 2", r"\left"),
        (r"\begin{pmatrix} 1 & 2", "environments"),
        (r"\begin{pmatrix} 1 \end{bmatrix}", "environments"),
        ("x +", "middle"),
        (r"\foo{3}", "cannot be read"),
        ("x+*3", "cannot be read"),
        (r"\sum_{i=1}^{3}", "cannot be read"),
        (r"3 \times", "middle"),
        (r"\frac", "middle"),
        ("x + \\", "middle"),
        (r"\boxed{x +}", "middle"),
        (r"\boxed{\frac{1}{", "braces"),
        ("import os", "program"),
        ("word " * (MAX_WORDS + 1), "words"),
    ],
)
def test_found(gold: str, reason: str) -> None:
    found = check(gold, Options())
    assert found is not None
    assert reason in found


@pytest.mark.parametrize(
    "gold",
    [
        "0",
        "-1,234.5",
        "x",
        "185\\",
        r"\\boxed{W(n) = 1 \\text{ and } W(n) = -1",
        "We write {1 and (2. " * 100 + r"So $x = 5$, and we get \boxed{5}.",
        "We have {1 and (2 for $x$. " * 100 + "The final answer is $28 \\%$. I hope it is correct.",
        "42",
        "#### 42",
        r"$\frac{1}{2}$",
        "[0, 1)",
        "]1, 2[",
        r"\emptyset",
        r"\{\}",
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        "none",
        "A",
        "A) 42",
        "no solution",
        "π",
        "是",
        r"5\%",
        r"\$5",
        "x > 0",
        "The function is odd.",
        "20^\\circ",
        r"10^{-3}",
    ],
)
def test_fine(gold: str) -> None:
    assert check(gold, Options()) is None


def test_an_option_may_be_anything() -> None:
    assert check("N/A", Options(choices=("5", "N/A"))) is None
