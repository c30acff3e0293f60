"""Answers that exclude each other, and answers that are taken back."""

import pytest

from scorer.math.extraction.extract import extract


@pytest.mark.parametrize(
    "response",
    [
        "The answer is 5. The answer is 6.",
        "Answer: 5\nAnswer: 6\nAnswer: 7",
        "The answer is A. The answer is B.",
        "The answer is yes. The answer is no.",
        "The answer is 5.\n#### 6",
        "#### 6\nThe answer is 5.",
        "<answer>5</answer><answer>6</answer>",
        r"\boxed{5}. The answer is 6.",
        "\\boxed{4}\n#### 5",
        "The answer is 5. No, 6.",
        "The answer is 5. Or 6.",
        "Either the answer is 5 or the answer is 6.",
        "My answer: 42. Just kidding, 43.",
        "The answer is 5. Maybe 6.",
        "The answer is 5. That is wrong.",
        r"\boxed{5} wait, actually 6",
        "$x = 42$. Scratch that.",
    ],
)
def test_contradictory_answers_are_none(response: str) -> None:
    assert extract(response) is None


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("The answer is 4. No, the answer is 5.", "5"),
        ("The answer is 4. Wait — actually the answer is 5.", "5"),
        ("Answer: 41 was a wrong guess.\nAnswer: 42", "42"),
        ("The answer is 4. Let me add 2 + 3 again. The answer is 5.", "5"),
        ("The answer to part (a) is 4. The answer to part (b) is 5.", "5"),
        (r"The answer is $\frac{1}{2}$. The answer is 0.5.", "0.5"),
        (r"The answer is $\sqrt{8}$. The answer is $2\sqrt{2}$.", r"$2\sqrt{2}$"),
        ("\\boxed{5}\n\nThe answer is 5.", "5"),
        (r"\boxed{42}. Wait, let me verify: 6 times 7 is 42.", "42"),
        (r"\boxed{42}. No further steps are needed.", "42"),
    ],
)
def test_corrections_and_restatements_are_answers(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert extraction.answer == answer
