"""Dates."""

import pytest

from scorer.math.answers.dates import date, read_date
from scorer.math.judgement import Options, Outcome


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("June 20", "20 June"),
        ("June 20", "June 20th"),
        ("June 20", "the 20th of June"),
        (r"\text{June }20", "Jun. 20"),
        (r"3^\text{rd}\text{ March}", "March 3"),
        ("June 20, 2005", "2005-06-20"),
        ("June 20, 2005", "20 June 2005"),
        ("June 20, 2005", "6/20/2005"),
        ("June 20, 2005", "20.6.2005"),
        ("June 20, 2005", "2005年6月20日"),
        ("June 7, 2005", "6/7/2005"),
        ("June 7, 2005", "7.6.2005"),
        ("7/6/2005", "June 7, 2005"),
        ("7/6/2005", "July 6, 2005"),
        ("Monday, June 20", "June 20"),
        ("Mon", "Monday"),
        ("August", "Aug."),
        ("11:55 p.m. on 24 December 2014.", "December 24, 2014 at 11:55 PM"),
        ("May 5", "May 5 at noon"),
    ],
)
def test_same(gold: str, answer: str) -> None:
    judgement = date(gold, answer, Options())
    assert judgement is not None
    assert judgement.outcome is Outcome.EQUAL
    assert judgement.rule == "date"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("June 20", "June 21"),
        ("June 20", "July 20"),
        ("June 20", "June"),
        ("June 20, 2005", "June 20, 2006"),
        ("June 7, 2005", "6-7-2005"),
        ("June 7, 2005", "6.7.2005"),
        ("July 6, 2005", "6/7/2005"),
        ("Monday, June 20", "Tuesday, June 20"),
        ("Monday", "Sunday"),
        ("Monday", "Monday, June 20"),
        ("24 December at 11:55 pm", "24 December at 11:55 am"),
    ],
)
def test_different(gold: str, answer: str) -> None:
    judgement = date(gold, answer, Options())
    assert judgement is not None
    assert judgement.outcome is Outcome.DIFFERENT


@pytest.mark.parametrize("text", ["6/20", "June 31", "20", "June 20 or 21", "13/13/2005", "x", "", "10-2-3", "maybe"])
def test_no_date(text: str) -> None:
    assert read_date(text) is None


def test_digits_alone_are_no_dates() -> None:
    assert date("2005-06-20", "6/20/2005", Options()) is None
