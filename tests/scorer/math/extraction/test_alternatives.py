"""Two spellings of one value are one value; everything else that looks like it stays as it is."""

import pytest

from scorer.math.extraction.alternatives import one_of_equals


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("seven (7)", "7"),
        ("5 (five)", "5"),
        ("3/4 or 0.75", "3/4"),
        (r"\frac{3}{4} \text{ (or } 0.75)", r"\frac{3}{4}"),
        (r"0.75\text{ or }\frac{3}{4}", "0.75"),
        (r"0.5 or 50\%", "0.5"),
        (r"$\frac{3}{4}$ or 0.75", r"$\frac{3}{4}$"),
    ],
)
def test_equal_spellings_are_one_value(text: str, one: str) -> None:
    assert one_of_equals(text) == one


@pytest.mark.parametrize(
    "text",
    [
        "5 or 6",
        "5 (5)",
        "5(5)",
        "f(5)",
        "(1,2) or (2,1)",
        "seven (8)",
        r"0.5 or 0.5\%",
        "50 or 50%",
        "x or x",
        "5 cm or 5 m",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert one_of_equals(text) == text
