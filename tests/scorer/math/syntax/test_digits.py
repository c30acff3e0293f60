"""Numbers in digits: one value for all their spellings, and nothing else taken for a number."""

from fractions import Fraction

import pytest

from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import Based, Group, List, NotReadable, Number, Power, Product, Sum


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", 7),
        ("5.", 5),
        ("1,234,567", 1234567),
        ("1{,}234", 1234),
        (r"1\,234\,567", 1234567),
        (r"1,\!234", 1234),
        ("1 234 567", 1234567),
        ("1'234'567", 1234567),
        ("1.234.567", 1234567),
        ("1_234_567", 1234567),
        (r"11,\! 111,\! 100", 11111100),
        ("12,345.50", Fraction(24691, 2)),
        ("3{,}14", Fraction(157, 50)),
        (r"0.\overline{3}", Fraction(1, 3)),
        ("0.1\u03054\u0305", Fraction(14, 99)),
        (r"0.1\bar{6}", Fraction(1, 6)),
        (r"0.\dot{1}4285\dot{7}", Fraction(1, 7)),
        ("0.(3)", Fraction(1, 3)),
        ("0.1666...", Fraction(1, 6)),
        (r"0.142857142857\ldots", Fraction(1, 7)),
        ("1e5", 100000),
        ("1.5E-3", Fraction(3, 2000)),
        ("１２", 12),
    ],
)
def test_spellings_of_a_number(text: str, value: Fraction) -> None:
    node = parse(text)
    assert isinstance(node, Number)
    assert node.value == value


@pytest.mark.parametrize(
    ("text", "rounded"), [("0.5", True), ("3.00", True), ("5.", False), (r"0.\overline{3}", False)]
)
def test_only_a_decimal_without_a_bar_may_be_rounded(text: str, rounded: bool) -> None:
    node = parse(text)
    assert isinstance(node, Number)
    assert node.decimal is rounded


@pytest.mark.parametrize("text", ["3 1/2", r"3\frac12", r"3\frac{1}{2}", "3½", r"3\tfrac1{2}"])
def test_a_mixed_number_is_a_sum(text: str) -> None:
    half = Product((Number(Fraction(1)), Power(Number(Fraction(2)), Number(Fraction(-1)))))
    assert parse(text) == Sum((Number(Fraction(3)), half))


@pytest.mark.parametrize(
    "text",
    [
        "1011_2",
        "1011_{2}",
        "(1011)_2",
        "1011_{\\text{two}}",
        "1011 base 2",
        r"1011_{\text{base }2}",
        "0b1011",
        "1011₂",
        "01011_2",
    ],
)
def test_spellings_of_a_base(text: str) -> None:
    assert parse(text) == Based("1011", 2, 11)


def test_digits_above_nine_have_letters() -> None:
    assert parse("7af_{16}") == parse(r"7\text{AF}_{16}") == Based("7AF", 16, 1967)
    assert parse("2a_{16}") != parse("2A_{16}") == Based("2A", 16, 42)


@pytest.mark.parametrize("text", ["12_2", "1011_x", "12 345,67", "1.2.3", "0.3333"])
def test_what_is_no_such_number(text: str) -> None:
    if text == "0.3333":
        assert parse(text) == Number(Fraction(3333, 10000), decimal=True)
    else:
        with pytest.raises(NotReadable):
            parse(text)


def test_commas_in_brackets_separate_unless_spaces_show_otherwise() -> None:
    one, thousand = Number(Fraction(1)), Number(Fraction(1234))
    assert parse("(1,234)") == Group("(", ")", (one, Number(Fraction(234))))
    assert parse("(1, 1,234)") == Group("(", ")", (one, thousand))
    assert parse("(1,7,103, 105)") == Group("(", ")", tuple(Number(Fraction(n)) for n in (1, 7, 103, 105)))
    assert parse("1,234, 1") == List((thousand, one), "and")
    assert parse("1331,1728") == List((Number(Fraction(1331)), Number(Fraction(1728))), "and")


def test_a_huge_exponent_is_not_written_out() -> None:
    node = parse("1e999999999")
    assert isinstance(node, Product)
    assert node.factors[1] == Power(Number(Fraction(10)), Number(Fraction(999999999)))
