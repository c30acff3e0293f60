"""Forms that a task may ask for."""

import pytest

from scorer.math.answers.forms import unmet, written_alike, written_as
from scorer.math.judgement import Options
from scorer.math.normalise import normalise
from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import TooLarge

MET = {
    "integer": ["12", "-3", "1,234", "x = 5", r"5 \text{ cm}", r"\$5", "$-7$"],
    "fraction": ["1/2", "2/4", r"\frac{2}{4}", r"-\frac12", r"\frac{-1}{2}", r"\frac{1}{2} \text{ cm}"],
    "reduced_fraction": ["1/2", r"\frac{-3}{4}", r"-\dfrac{3}{4}"],
    "decimal": ["0.5", ".5", "-1.25", r"0.\overline{3}", "1.0", r"\$2.50"],
    "percent": ["50%", r"50\%", r"12.5\%", "50 percent", r"50 \text{ percent}"],
    "mixed_number": ["1 1/2", r"1\frac12", r"-2\frac{1}{3}"],
    "scientific": [r"1.5 \times 10^3", "1.5e3", r"1.5 \cdot 10^{-3}", "2*10^5"],
    "factored": [
        "(x-1)(x+1)",
        "2(x-1)^2",
        "x(x+1)",
        "x^2+1",
        "-(x-3)(x+3)",
        r"2^3 \cdot 3",
        "(x-y)(x+y)",
        r"\frac{1}{2}(x-1)(x+1)",
        "f(x) = (x-1)(x+1)",
        "7",
    ],
    "expanded": ["x^2-1", "2x+3y-1", "5", r"x^2+\frac{x}{2}", "-3x", r"\frac{x^2}{2}+1"],
}
NOT_MET = {
    "integer": ["1/2", "1.0", "1e5", "12+0", "50%", "6/2", "x", "12.5"],
    "fraction": ["0.5", "1 1/2", "3", r"\frac{1}{2}+1"],
    "reduced_fraction": ["2/4", r"\frac{6}{4}", r"\frac{1}{-2}"],
    "decimal": ["1/2", "5", "5%", "0.5.5"],
    "percent": ["0.5", "50"],
    "mixed_number": ["3/2", r"1\frac32", "1.5", "11/2"],
    "scientific": ["1500", r"15 \times 10^2", "0.5e3", "10^3"],
    "factored": ["x^2-1", "(2x+2)(x-1)", "x^2+2x+1", "(x^2-1)(x+2)", "24", r"4 \cdot 6", "x^2-y^2", "x(x^2+x)"],
    "expanded": ["(x-1)(x+1)", "2(x+1)", "(x+1)^2", "x(x+1)+2"],
    "unknown": ["5"],
}


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in MET.items() for text in texts])
def test_met(form: str, text: str) -> None:
    assert written_as(text, parse(normalise(text)), form)


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in NOT_MET.items() for text in texts])
def test_not_met(form: str, text: str) -> None:
    node = parse(normalise(text)) if form in ("factored", "expanded") else None
    assert not written_as(text, node, form)


@pytest.mark.parametrize(
    ("gold", "answer", "alike"),
    [
        ("x^2-1", "-1+x^2", True),
        ("x^2-1", "(x-1)(x+1)", False),
        (r"2\sqrt{3}", r"\sqrt{3} \cdot 2", True),
        (r"2\sqrt{3}", r"\sqrt{12}", False),
        ("0.5", "1/2", False),
        (r"5 \text{ cm}", "5", True),
        ("1, 2", "2, 1", True),
        ("(1, 2)", "(2, 1)", False),
        (r"\frac{1}{2}", r"\frac{2}{4}", False),
        ("x = 5", "5", True),
    ],
)
def test_written_alike(gold: str, answer: str, alike: bool) -> None:
    assert written_alike(parse(normalise(gold)), parse(normalise(answer))) is alike


def test_one_form_of_several_is_enough() -> None:
    options = Options(forms=("integer", "reduced_fraction"))
    half, two_quarters = parse(r"\frac{1}{2}"), parse(r"\frac{2}{4}")
    assert unmet("1/2", "1/2", half, half, options) == ""
    assert unmet("1/2", "2/4", half, two_quarters, options) == (
        "the answer is right, but its form is not integer or reduced fraction"
    )
    assert unmet("1/2", "2/4", half, two_quarters, Options()) == ""


def test_as_given() -> None:
    options = Options(forms=("as_given",))
    assert unmet("x+1", "1+x", parse("x+1"), parse("1+x"), options) == ""
    assert unmet(r"\text{Even}", "even", None, None, options) == ""
    assert "as given" in unmet("1/2", "0.5", parse("1/2"), parse("0.5"), options)


@pytest.mark.parametrize(
    "text", ["(x+1)^{20}+((x+2)^{20})^{20}", "x^{90}+1", "1234567890123456789012345678901 \\cdot 7"]
)
def test_what_is_too_large_is_not_factored(text: str) -> None:
    with pytest.raises(TooLarge):
        written_as(text, parse(text), "factored")
