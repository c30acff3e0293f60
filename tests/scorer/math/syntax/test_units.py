"""Values with units: all spellings of one unit are one, and words that change the value are no unit."""

from fractions import Fraction

import pytest

from scorer.math.syntax.parse import parse
from scorer.math.syntax.tree import Node, NotReadable, Number, Product, Quantity, Relation, Sum, Symbol, Text


def number(value: int) -> Number:
    return Number(Fraction(value))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (r"5\text{ cm}", "cm"),
        ("5cm", "cm"),
        (r"5~\mathrm{cm}", "cm"),
        (r"5\,\mathrm{cm}^2", "cm^2"),
        ("5 square centimeters", "cm^2"),
        (r"5\ \mathrm{m/s^2}", "m/s^2"),
        (r"5\,\frac{\text{m}}{\text{s}^2}", "m/s^2"),
        ("5 m/s", "m/s"),
        ("$5$ cm", "cm"),
        (r"\$5", "dollar"),
        ("$5", "dollar"),
        ("5 dollars", "dollar"),
        ("€5", "euro"),
        ("5€", "euro"),
        (r"5\%", "%"),
        ("5 percent", "%"),
        (r"5^\circ", "degree"),
        ("5°", "degree"),
        (r"5^{\circ}\text{C}", "degree celsius"),
        ("5 red marbles", "red marble"),
        ("5 N", "newton"),
        (r"5\,m", "m"),
        ("5 kHz", "kilohertz"),
        ("5 g/mol", "g/mol"),
        ("5 m s^{-2}", "m s^-2"),
        (r"5\,\mathrm{m\,s^{-2}}", "m s^-2"),
        (r"5\,\mathrm{N\cdot m^2/kg^2}", "newton m^2/kg^2"),
        (r"5\,\mu\text{m}", "micrometer"),
        ("5 µm", "micrometer"),
        (r"5\ k\Omega", "kiloohm"),
        ("5 pct", "%"),
    ],
)
def test_spellings_of_units(text: str, unit: str) -> None:
    assert parse(text) == Quantity(number(5), unit)


@pytest.mark.parametrize("text", [r"5 \text{ or more}", r"5 \text{ times as many}", r"5 \text{ not}", "5 squared"])
def test_words_that_change_the_value_are_no_unit(text: str) -> None:
    try:
        node: Node = parse(text)
    except NotReadable:
        return
    assert isinstance(node, Text)


def test_a_unit_belongs_to_the_whole_value() -> None:
    assert parse(r"5+x \text{ cm}") == Quantity(Sum((number(5), Symbol("x"))), "cm")
    assert parse("-5 cm") == Quantity(Product((number(-1), number(5))), "cm")
    assert parse("x = 5 cm") == Relation((Symbol("x"), Quantity(number(5), "cm")), ("=",))
    product = Product((Quantity(number(5), "cm"), Quantity(number(3), "cm")))
    assert parse(r"5 \text{ cm} \times 3 \text{ cm}") == product


def test_a_degree_sign_belongs_to_its_number() -> None:
    assert parse(r"x + 30^\circ") == Sum((Symbol("x"), Quantity(number(30), "degree")))
    assert parse(r"30^\circ 15'") == Quantity(Number(Fraction(121, 4)), "degree")


def test_letters_alone_stay_unknowns() -> None:
    assert parse("9m") == Product((number(9), Symbol("m")))
    assert parse("2ab") == Product((number(2), Symbol("a"), Symbol("b")))


def test_magnitudes_are_factors() -> None:
    million = Product((number(5), number(10**6)))
    assert parse("5 million") == million
    assert parse("$5 million") == parse("5 million dollars") == Quantity(million, "dollar")


@pytest.mark.parametrize(
    "text", ["5N", "5 m", "5 n", "2 g h", "2 g/h^2", r"5\,x", "x^2 + 3 C", r"2x\,m", r"5 \Omega_1", "5kJ", r"5\mu m"]
)
def test_letters_that_may_be_unknowns_are_no_units(text: str) -> None:
    assert not isinstance(parse(text), Quantity)


def test_units_do_not_follow_many_factors() -> None:
    """Each unit would look at all factors before it, which takes quadratic time."""
    assert isinstance(parse("2" + " x" * 10 + r"\text{ cm}"), Quantity)
    with pytest.raises(NotReadable):
        parse("2" + " x" * 50 + r"\text{ cm}")
