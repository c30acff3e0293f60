"""Units: one name for all spellings, and unknowns are no units."""

import pytest

from scorer.math.units import canonical_unit, split_unit


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
    "text", ["xy", "x", " or six", r"\text{ or }6", r"\mathrm{i}", " pi", "+1", " sin x", "", " a b c d e f g"]
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
