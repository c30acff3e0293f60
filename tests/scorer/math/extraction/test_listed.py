"""Values in the lines of a list at the end."""

import pytest

from scorer.math.extraction.listed import listed


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Work.\n\nThe solutions are:\n- x = 2\n- x = 3", "x = 2, x = 3"),
        ("The solutions are:\n1. x = 2\n2. x = 3\n", "x = 2, x = 3"),
        ("**Roots:**\n\n* $2$\n* $-3$", "2, -3"),
    ],
)
def test_the_members_are_one_list(text: str, values: str) -> None:
    found = listed(text)
    assert found is not None
    assert found.text == values


@pytest.mark.parametrize(
    "text",
    [
        "Steps:\n- $2$\n- $-3$",
        "The values are as follows:\n- we get 2\n- $-3$",
        "The solutions are:\n- x = 2",
        "- 2\n- 3",
        "",
    ],
)
def test_other_lists_are_no_answer(text: str) -> None:
    assert listed(text) is None
