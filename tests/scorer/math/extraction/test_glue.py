"""What is kept together stays as long as it was, and what is broken is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.extraction.glue import GLUE, glued, unglued


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (r"so \frac{ 1 }{ 9 } is it", r"so \frac{~1~}{~9~} is it"),
        (r"so \frac{ 1 } {\sqrt{ 9 }} is", r"so \frac{~1~}~{\sqrt{~9~}} is"),
        ("\\begin{a} 1 &\n \\text{b c} \\end{a} x", "\\begin{a}~1~&~~\\text{b~c}~\\end{a} x"),
        ("{1, 2} and { 3 }", "{1, 2} and { 3 }"),
        (r"\{ 1, 9 \}", r"\{ 1, 9 \}"),
        (r"x^{ 2", r"x^{ 2"),
        (r"\begin{a} 1 \end{b} 2", r"\begin{a} 1 \end{b} 2"),
    ],
)
def test_arguments_and_environments(text: str, kept: str) -> None:
    assert glued(text).replace(GLUE, "~") == kept


@given(st.lists(st.sampled_from(["x{", "{", "}", " ", "\n", "1", "\\begin{a}", "\\end{a}", "\\{"])).map("".join))
def test_nothing_else_changes(text: str) -> None:
    assert unglued(glued(text)).split() == text.split()
    assert len(glued(text)) == len(text)
