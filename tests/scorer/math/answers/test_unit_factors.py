"""What units are worth."""

from fractions import Fraction

import pytest

from scorer.math.answers.unit_factors import convertible


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("km", "m", 1000),
        ("ft", "in", 12),
        ("mi", "ft", 5280),
        ("h", "s", 3600),
        ("m^2", "cm^2", 10_000),
        ("l", "cm^3", 1000),
        ("km/h", "m/s", Fraction(5, 18)),
        ("m/s^2", "cm/s^2", 100),
        ("dollar", "cent", 100),
        ("lb", "oz", 16),
        ("hectare", "m^2", 10_000),
        ("g cm", "kg m", Fraction(1, 100_000)),
    ],
)
def test_ratios(one: str, other: str, ratio: Fraction) -> None:
    first, second = convertible(one), convertible(other)
    assert first is not None
    assert second is not None
    assert first.dimension == second.dimension
    assert first.factor / second.factor == ratio


@pytest.mark.parametrize(
    "pair", [("m", "m^2"), ("m", "s"), ("mi/h", "mi"), ("gallon", "l"), ("month", "d"), ("g", "m")]
)
def test_kinds_differ(pair: tuple[str, str]) -> None:
    first, second = map(convertible, pair)
    assert first is None or second is None or first.dimension != second.dimension


@pytest.mark.parametrize("name", ["apple", "", "m/s/s", "unit", "euro", "m/m", "degree celsius", "^2"])
def test_unknown(name: str) -> None:
    assert convertible(name) is None
