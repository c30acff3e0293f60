"""Values with units, money, percent and degrees."""

import pytest

from scorer.math import values
from scorer.math.answers.quantity import same_quantity
from scorer.math.judgement import Options, Outcome
from scorer.math.normalise import normalise
from scorer.math.syntax.parse import parse


def outcome(gold: str, answer: str, unit_matters: bool | None = None) -> Outcome:
    options = Options(unit_matters=unit_matters)
    return same_quantity(parse(normalise(gold)), parse(normalise(answer)), options, values.same)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"5 \text{ cm}", "5"),
        ("1000.99", "1,000.99m²"),
        ("12", "12 m^{2}"),
        (r"12 \text{ m}^2", "12m^2"),
        ("5", r"5 \text{ cm}"),
        (r"-5 \text{ cm}", "-5"),
        (r"12\text{ cm}^2", r"12 \text{ square centimeters}"),
        (r"25 \text{ mph}", r"25 \text{ miles per hour}"),
        (r"5 \text{ m}", r"500 \text{ cm}"),
        (r"36 \text{ km/h}", r"10 \text{ m/s}"),
        (r"90 \text{ min}", r"1.5 \text{ h}"),
        (r"2 \text{ years}", r"24 \text{ months}"),
        (r"0 \text{ cm}", r"0 \text{ m}"),
        (r"\$5", r"5 \text{ dollars}"),
        (r"\$0.75", r"75 \text{ cents}"),
        (r"50\%", "0.5"),
        (r"50\%", "50"),
        (r"\frac{1}{2}", r"50\%"),
        (r"150\%", r"\frac{3}{2}"),
        (r"30^\circ", r"\frac{\pi}{6}"),
        (r"\frac{\pi}{6}", r"30^\circ"),
        (r"30^\circ", "30"),
        (r"180^\circ", r"\pi \text{ radians}"),
        (r"18 \text{ red marbles}", r"18 \text{ marbles}"),
        (r"5\pi \text{ cm}^2", r"5 \pi cm^2"),
        (r"\frac{2}{3} \text{ m}", r"\frac{2}{3} m"),
        ("1011_2", "1011"),
    ],
)
def test_same(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.EQUAL


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"5 \text{ cm}", r"5 \text{ m}"),
        (r"5 \text{ cm}", "6"),
        (r"5 \text{ m}", r"50 \text{ cm}"),
        (r"12 \text{ cm}^2", r"12 \text{ cm}^3"),
        (r"12 \text{ cm}^2", r"12 \text{ cm}"),
        (r"60 \text{ miles}", r"60 \text{ miles per hour}"),
        (r"\$5", r"5 \text{ euros}"),
        (r"\$0.75", "75"),
        (r"0.5\%", r"50\%"),
        (r"0.5\%", "0.05"),
        (r"50\%", "5"),
        (r"50\%", r"50 \text{ cm}"),
        (r"30^\circ", r"\frac{\pi}{3}"),
        (r"30^\circ", r"30 \text{ radians}"),
        (r"100 ^\circ C", r"100 ^\circ F"),
        (r"18 \text{ marbles}", r"18 \text{ apples}"),
        (r"18 \text{ red marbles}", r"18 \text{ blue marbles}"),
        ("1011_2", "11"),
        ("12", "12m"),
        ("12", "3m^2"),
        (r"12 \text{ cm}^2", "12m^2"),
        ("12m^2", "12m^3"),
        (r"10 \text{ mg}", r"10 \text{ Mg}"),
        (r"2.5 \mathrm{~m}", r"2.5 \mathrm{~M}"),
    ],
)
def test_different(gold: str, answer: str) -> None:
    assert outcome(gold, answer) is Outcome.DIFFERENT


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        (r"5 \text{ cm}", r"5 \text{ cm}", True),
        (r"5 \text{ cm}", "5", False),
        (r"5 \text{ cm}", r"5 \text{ m}", False),
        ("5", r"5 \text{ cm}", True),
        (r"50\%", "50", False),
        (r"50\%", "0.5", True),
        (r"30^\circ", "30", False),
        (r"30^\circ", r"\frac{\pi}{6}", True),
    ],
)
def test_unit_must_be_there(gold: str, answer: str, equal: bool) -> None:
    assert (outcome(gold, answer, unit_matters=True) is Outcome.EQUAL) is equal


@pytest.mark.parametrize("answer", ["5", r"5 \text{ m}", r"5 \text{ apples}", r"0.05 \text{ m}"])
def test_unit_is_ignored(answer: str) -> None:
    assert outcome(r"5 \text{ cm}", answer, unit_matters=False) is Outcome.EQUAL
    assert outcome(r"6 \text{ cm}", answer, unit_matters=False) is Outcome.DIFFERENT
