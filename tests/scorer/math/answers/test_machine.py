"""Decimals to the precision of a machine."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("1/12", "0.0833333333333333"),
        ("1/12", "0.08333333333333333"),
        ("-1/12", "-0.0833333333333333"),
        ("2/3", "0.6666666666666666"),
        ("0.3333333333333333", "1/3"),
    ],
)
def test_printed(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("2/3", "0.66666666666667"),
        ("1/12", "0.0833333333333334"),
        ("1/2", "0.5000000000000001"),
        ("1/1001", "0.000999000999000999"),
        ("10^{400}/3", "0.333333333333333333333"),
        (r"\sqrt2", "1.414213562373095"),
    ],
)
def test_rounded(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"


def test_beyond_floating_point() -> None:
    third = "3" * 400
    assert judged("9" * 400 + "8/3", third + "2.6") == "different"
    assert judged("1" + "0" * 400 + "/3", third + ".3333333333333333") == "equal"
