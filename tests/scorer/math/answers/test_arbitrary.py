"""Constants of integration."""

import pytest

from tests.scorer.math.answers.judged import judged


@pytest.mark.parametrize("answer", ["x^2+2x+c", "K+x^2+2x", "x(x+2)+C_1"])
def test_other_names(answer: str) -> None:
    assert judged("x^2+2x+C", answer) == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\ln|x|+C", r"\ln|2x|+C"),
        (r"\sin^2 x+C", r"-\cos^2 x+C"),
        (r"\frac{(x+1)^2}{2}+C", r"\frac{x^2}{2}+x+c"),
        (r"x^2+C", r"x^2 + \text{constant}"),
        (r"x^2+C", r"x^2 + const"),
    ],
)
def test_constants_take_in_what_is_added(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("Ce^{2x}", "ke^{2x}"),
        ("y=Ce^{2x}", "y=A e^{2x}"),
        ("c_1e^x+c_2e^{-x}", "C_1e^x+C_2e^{-x}"),
        ("c_1e^x+c_2e^{-x}", "c_2e^x+c_1e^{-x}"),
        ("c_1e^x+c_2e^{-x}", "Ae^x+Be^{-x}"),
        (r"A\cos t+B\sin t", r"C_1\cos t+C_2\sin t"),
        (r"\frac{C}{x^3}", r"\frac{c}{x^3}"),
    ],
)
def test_factors_of_solutions(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("x^2+C", "x^2+a"),
        ("x^2+C", "x^2+2c"),
        ("x^2+C", "x^2"),
        ("A+B+C", "A+B+c"),
        ("x^2+c", "x^2+C"),
        (r"\ln|x|+C", r"\ln|x^2|+C"),
        ("x^2+C", "x^2+x"),
        ("x^2+C", "x^2+x+C"),
        ("Ce^{2x}", "Ce^{3x}"),
        ("Ce^{2x}", "xe^{2x}"),
        ("Ce^{2x}", "e^{2x}"),
        ("Ce^{2x}", "C+e^{2x}"),
        ("Ce^{2x}", "2e^{2x}"),
        ("c_1e^x+c_2e^{-x}", "c_1e^x+c_1e^{-x}"),
        ("c_1e^x+c_2e^{-x}", "c_1e^x+e^{-x}"),
        ("c_1e^x+c_2e^{-x}", "c_1e^x+c_2e^{-x}+c_3"),
        ("c_1e^x+c_2e^{-x}", "c_1e^x+ke^{-kx}"),
        ("kx^2", "cx^2"),
        ("Ax+B", "Cx+D"),
        ("x^2+C", "y^2+c"),
    ],
)
def test_other_things(gold: str, answer: str) -> None:
    assert judged(gold, answer) == "different"
