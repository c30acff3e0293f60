"""Killers that are recognised by looking."""

import pytest

from scorer.math.hazards import MAX_DEPTH, hazard
from scorer.math.normalise import normalise


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
