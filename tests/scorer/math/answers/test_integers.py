"""Sets of few integers."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        (r"\{1, 2\}", r"\{x \in \mathbb{Z} \mid 0 < x < 3\}", "equal"),
        (r"\{0, 1, 2, 3\}", r"\{x \in \mathbb{Z} \mid 0 \le x \le 3\}", "equal"),
        (r"\{0, 1, 2, 3\}", r"\{x \in \mathbb{Z} \mid 0 < x \le 3\}", "different"),
        (r"\{-2, -1, 0, 1, 2\}", r"-2.5 < n < 2.5, n \in \mathbb{Z}", "equal"),
        (r"\{1, 2\}", r"\{x \in \mathbb{Z}^+ \mid x < 3\}", "equal"),
        (r"\{1, 2\}", r"\{x \in \mathbb{Z} \mid x < 3\}", "unknown"),
        (r"\{1, 2\}", r"\{x \in \mathbb{N} \mid x < 3\}", "unknown"),
        (r"\{1, 2\}", r"\{x \in \mathbb{R} \mid 0 < x < 3\}", "different"),
        (r"\{1, 2\}", r"\{x \in \mathbb{Z} \mid 0 < x < 10^{100}\}", "unknown"),
        (r"(0, 3)", r"\{x \in \mathbb{Z} \mid 0 < x < 3\}", "different"),
    ],
)
def test_integers(gold: str, answer: str, expected: str) -> None:
    assert judged(gold, answer) == expected
