"""Units: one name for all spellings, and unknowns are no units."""

import pytest

from scorer.math.units import canonical_unit, split_magnitude, split_unit


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"\text{ cm}", "cm"),
        (r"\text{ centimeters}", "cm"),
        (r"\text{ cm}^2", "cm^2"),
        (" square centimeters", "cm^2"),
        (r"^{\circ}", "degree"),
        (" degrees", "degree"),
        (" miles per hour", "mi/h"),
        (" mph", "mi/h"),
        (" apples", "apple"),
        (r"\text{ apples}", "apple"),
        ("cm", "cm"),
        (r"\text{ min}", "min"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert canonical_unit(text) == name


@pytest.mark.parametrize(
    "text", ["xy", "x", " or six", r"\text{ or }6", r"\mathrm{i}", " pi", "+1", " sin x", "", " a b c d e f g", "M"]
)
def test_no_units(text: str) -> None:
    assert canonical_unit(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (r"\frac{\pi}{2}\text{ cm}", (r"\frac{\pi}{2}", "cm")),
        (r"30^{\circ}", ("30", "degree")),
        (r"\cos 75^{\circ}", (r"\cos 75^{\circ}", "")),
        (r"4\mathrm{i}", (r"4\mathrm{i}", "")),
        (r"\text{Monday}", (r"\text{Monday}", "")),
    ],
)
def test_a_unit_is_taken_off_the_end(text: str, parts: tuple[str, str]) -> None:
    assert split_unit(text) == parts


REFUSED_PHRASES = (
    "squared|cubed|thirds|halves|tenths|hundredths|quarters|factorial|root|negative|below zero|wrong|unless wrong"
    "|without six|nor six|versus six|alternatively six|modulo seven|choose two|multiplied by two|base six"
    "|feet six inches|times|times six|dollars and six cents|apples minus|apples is wrong|more apples|not apples"
    "|square|meters below|tens|fives|exceeds|unlikely|meters squared six"
)


@pytest.mark.parametrize("phrase", REFUSED_PHRASES.split("|"))
def test_words_that_change_or_doubt_the_value_are_no_units(phrase: str) -> None:
    assert canonical_unit(f" {phrase}") is None
    assert canonical_unit(rf"\text{{ {phrase}}}") is None


COUNTED_PHRASES = (
    "apples|red marbles|eggs per day|eggs/day|cups of flour|people|years old|apples left|distinct integers"
    "|positive integers|children tickets|ways|apples in the basket|dollars per hour|hours a day|square feet"
    "|cubic inches|meters squared|degrees Celsius|square units|daps|a.m.|min|mph|km/h|euros"
)


@pytest.mark.parametrize("phrase", COUNTED_PHRASES.split("|"))
def test_counted_things_are_units(phrase: str) -> None:
    assert canonical_unit(f" {phrase}")
    assert canonical_unit(rf"\text{{ {phrase}}}")


@pytest.mark.parametrize(
    ("text", "factor", "rest"),
    [
        (" million", 10**6, ""),
        (r"\text{ million}", 10**6, ""),
        (r"\text{ million dollars}", 10**6, r" \text{dollars}"),
        (" hundred thousand", 10**5, ""),
        (" dozen eggs", 12, " eggs"),
        (" millionths", 1, " millionths"),
        (" cm", 1, " cm"),
    ],
)
def test_magnitudes_are_factors(text: str, factor: int, rest: str) -> None:
    assert split_magnitude(text) == (factor, rest)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"\text{N}", "newton"),
        (" kJ", "kilojoule"),
        (r"\text{mW}", "milliwatt"),
        (r"\text{MW}", "megawatt"),
        (" J/K", "joule/kelvin"),
        (" g/mol", "g/mol"),
        (r"\mathrm{N m^2/kg^2}", "newton m^2/kg^2"),
        (r" k\Omega", "kiloohm"),
        (r" \mu m", "micrometer"),
    ],
)
def test_symbols_know_their_case(text: str, name: str) -> None:
    assert canonical_unit(text) == name


@pytest.mark.parametrize("text", ["kJ", "nm", " N", " T", "mW", r"\text{n}"])
def test_letters_that_may_be_unknowns_are_no_symbols(text: str) -> None:
    assert canonical_unit(text) is None
