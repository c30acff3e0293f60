"""Times of day."""

import pytest

from scorer.math.answers.times import read_clock, time_of_day
from scorer.math.judgement import Options, Outcome


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        ("7:32 PM", "7:32 p.m.", True),
        ("7:32 pm", "19:32", True),
        ("19:32", r"7\!:\!32 \text{ PM}", True),
        ("7:32 pm", "7:32", True),
        ("7:32", "07:32 a.m.", True),
        ("7 pm", "7:00 p.m.", True),
        ("7 pm", "7.00 pm", True),
        ("7 pm", "7 o'clock", True),
        ("7 pm", "7", True),
        ("7 pm", "7 in the evening", True),
        ("noon", "12:00 pm", True),
        ("midnight", "12 a.m.", True),
        ("midnight", "0:00", True),
        ("7:32 pm", "7:32 am", False),
        ("7:32 pm", "7:33 pm", False),
        ("7:32 am", "19:32", False),
        ("noon", "midnight", False),
        ("noon", "0:00", False),
    ],
)
def test_compared(gold: str, answer: str, equal: bool) -> None:
    judgement = time_of_day(gold, answer, Options())
    assert judgement is not None
    assert (judgement.outcome is Outcome.EQUAL) is equal


def test_a_ratio_may_be_no_time() -> None:
    assert time_of_day("7:32", "7/32", Options()) is None
    assert time_of_day("10:15", "2:3", Options()) is None
    assert time_of_day("2:3", "4:6", Options()) is None


@pytest.mark.parametrize("text", ["25:00", "7:60", "19:30 am", "pm", "x", "", "7:32:99", "7 apples"])
def test_no_time(text: str) -> None:
    assert read_clock(text) is None


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("12:00", "1:00"), ("12:05", "12/5"), ("12:05", r"\frac{12}{5}"), ("3:2", "3:02"), ("10:15", "20:30")],
)
def test_a_time_is_no_ratio(gold: str, answer: str) -> None:
    judgement = time_of_day(gold, answer, Options())
    assert judgement is not None
    assert judgement.outcome is Outcome.DIFFERENT
