"""Answers that are said in words alone."""

import pytest

from scorer.math.extraction.statements import statement


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("There are no real solutions.", "no real solutions"),
        ("The equation has no real solutions.", "no real solutions"),
        ("Since $x^2=-1$, so there are no solutions.", "no solutions"),
        ("There are seven ways.", "seven ways"),
        ("There are two solutions.", "two solutions"),
        ("Thus there are exactly twenty-four ways to do it.", "twenty-four ways"),
    ],
)
def test_the_last_sentence_says_the_answer(text: str, said: str) -> None:
    found = statement(text)
    assert found is not None
    assert found.text == said


@pytest.mark.parametrize(
    "text",
    [
        "So $x=5$. There are no other solutions.",
        "So $x=5$. In the second case, there are no solutions.",
        "There are no solutions. Let $y = 2$.",
        "There are seven ways to choose 3 of them.",
        "There are many ways.",
        "We have x = 2 and x = 3. There are two solutions.",
    ],
)
def test_other_sentences_say_none(text: str) -> None:
    assert statement(text) is None
