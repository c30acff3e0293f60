"""Killers that are recognised by looking."""

import pytest

from scorer.math.hazards import MAX_DEPTH, hazard, surely_larger
from scorer.math.normalise import normalise
from scorer.math.numbers import read_number


@pytest.mark.parametrize(
    "text",
    [
        "9^{9^{9^9}}",
        "9^9^9",
        "1^{9^{9^9}}",
        "5+2^{10^{10}}",
        "3^{-9^{9^9}}",
        "(9)^{9^{9^9}}",
        "2^{100000000}",
        "2^{1e9}",
        "1e99999999",
        "(" * 50 + "x+1" + ")+1" * 50,
        r"\frac{1}{1+" * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
    ],
)
def test_hazards(text: str) -> None:
    assert hazard(normalise(text))


@pytest.mark.parametrize(
    "text",
    ["", "5", "2^{10}", "10^{100}", "2^{2^{2}}", "x^{10^{10}}", r"\frac{1}{2^{99}}", "(((x)))", "2^{-99}", "e^{10}"],
)
def test_ordinary_answers_are_no_hazards(text: str) -> None:
    assert hazard(normalise(text)) == ""


@pytest.mark.parametrize(
    ("text", "gold", "larger"),
    [
        ("9^{9^{9^9}}", "5", True),
        ("-9^{9^{9}}", "5", True),
        ("9^{9^{9}}+1", "5", False),
        ("1^{9^{9^9}}", "1", False),
        ("9^{-9^{9}}", "0", False),
        ("9^{9^{9}}", "x", False),
        ("2^{10}", "1024", False),
    ],
)
def test_only_a_lone_tower_is_surely_larger(text: str, gold: str, larger: bool) -> None:
    assert surely_larger(text, read_number(gold)) is larger
