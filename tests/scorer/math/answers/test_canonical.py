"""Canonical forms."""

import pytest

from scorer.math.answers.compare import compare
from scorer.math.judgement import Options
from scorer.math.syntax.parse import parse


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("6/4", "3/2"),
        (r"\{2, 1\}", "{1, 2}"),
        ("2, 1", "1, 2"),
        ("(2, 1)", "(2, 1)"),
        (r"x \le 3", "x in (-inf, 3]"),
        (r"(-\infty, 3]", "(-inf, 3]"),
        ("x = 2/4", "x = 1/2"),
        ("x = 2, 1", "x = 1, 2"),
        (r"\pm 3", "-3, 3"),
        (r"\frac{6}{4} \text{ cm}", "3/2 cm"),
    ],
)
def test_forms(text: str, form: str) -> None:
    judgement = compare(parse(text), parse(text), Options())
    assert (judgement.rule, judgement.gold_form, judgement.answer_form) == ("structure", form, form)
