"""What is decided without computer algebra."""

import pytest

from scorer.math.compare import decide, read


@pytest.mark.parametrize(
    ("gold", "answer", "rule"),
    [
        ("x^2+1", "$x^2 + 1$", "exact_text"),
        (r"\text{Evelyn}", "evelyn", "exact_text"),
        ("18", r"\$18.00", "exact_number"),
        ("9^{9^{9}}", "9^{9^{9}}", "exact_text"),
    ],
)
def test_right(gold: str, answer: str, rule: str) -> None:
    decision = decide(read(gold), read(answer))
    assert decision is not None
    assert (decision.equal, decision.rule) == (True, rule)


@pytest.mark.parametrize(("gold", "answer"), [("18", "19"), (r"\frac{1}{2}", "0.51"), ("5 cm", "6 cm")])
def test_surely_wrong(gold: str, answer: str) -> None:
    decision = decide(read(gold), read(answer))
    assert decision is not None
    assert not decision.equal


WORDS = [
    ("C", "(C)"),
    ("C", "C. D. E."),
    ("DNA", "AND"),
    ("no solution", "None"),
    (r"\text{noon}", "12 pm"),
    ("5 m", "500 cm"),
    ("99,876", "99, 876"),
    (r"\frac{1}{3}", "0.333..."),
    ("0.333", r"0.333\ldots"),
    ("line segment, circle", r"\text{line segment and circle}"),
    ("xyz", "zyx"),
    ("AB", "BA"),
    ("ln x", "x"),
    (r"\mathbb{R}", r"\text{all real numbers}"),
    (r"\mathrm{pi}", "3"),
]


@pytest.mark.parametrize(
    ("gold", "answer"), [("5", "5 or 6"), ("C", "A, C"), ("C", "D"), ("x", "X"), ("5", "x=5"), *WORDS]
)
def test_open(gold: str, answer: str) -> None:
    assert decide(read(gold), read(answer)) is None


def test_a_number_with_a_unit_that_is_put_together_is_decided_here() -> None:
    decision = decide(read("30"), read(r"30 \text{ cm}^2"))
    assert decision is not None
    assert decision.equal
    assert decide(read(r"30 \text{ m}^2"), read(r"30 \text{ cm}^2")) is None
