"""Announcements in their many words."""

import pytest

from scorer.math.extraction.extract import extract


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("The final answer is 42.", "42"),
        ("The final answer is $42$. I hope it is correct.", "$42$"),
        ("Final Answer: The final answer is $42$", "$42$"),
        ("the answer is: **42**", "42"),
        ("ANSWER: 42", "42"),
        ("Ans: 42", "42"),
        ("**Answer:** 42", "42"),
        ("**Answer**: $42$", "$42$"),
        ("**Final Answer**\n\n$$42$$", "42"),
        ("### Answer\n\n42", "42"),
        ("**Final Answer**\n\nThere are 42 ways.", "42"),
        ("Final Answer: The largest $n$ is 34.", "34"),
        ("Final Answer: The number of points in $f(x)$ is 19.", "19"),
        ("Final Answer: Jane started the job 3 hours ago.", "3 hours"),
        ("The answer is the number of ways minus 3.", "the number of ways minus 3"),
        ("The answer is in the range 1 to 5.", "in the range 1 to 5"),
        ("Some steps.\nA: 26", "26"),
        ("Answer (in cm): 5", "5"),
        ("The answer must be 5.", "5"),
        ("The answer, therefore, is 5.", "5"),
        ("The answer to the question is 3.5 apples.", "3.5 apples"),
        ("The answer is equal to 5.", "5"),
        ("The answer is that there are 12 ways.", "12"),
        ("The answer is 2 + 3 = 5.", "5"),
        ("The answer is **42** apples.", "42 apples"),
        ("The answer is 5 or 6.", "5 or 6"),
        ("Therefore the answer is 5 because 2 + 3 = 5.", "5"),
        ("The answer is 5, so we are done.", "5"),
        ("The answer is\n5", "5"),
        ("The answers are:\n- 1\n- 2\n", "1, 2"),
        (r"The answer is $\frac{10}{2}$, i.e. 5.", r"$\frac{10}{2}$"),
        ("It's not A or B, therefore the correct option is C.", "C"),
        ("Option C looks tempting, but the answer is D.", "D"),
        ("The answer is option B.", "B"),
        ("The answer is (C) 42.", "(C) 42"),
        ("(C) is correct.", "C"),
        ("So x + 2 is the answer.", "x + 2"),
        ("$x < 2$ is our final answer", "x < 2"),
    ],
)
def test_sentences(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "final_answer")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("<answer>42</answer>", "42"),
        ("<Answer type='number'> 42 </Answer> I hope that helps, 7 times.", "42"),
        ("<answer>The answer is 42.</answer>", "42"),
        ("<answer>\n```\n42\n```\n</answer>", "42"),
        ("<answer>42", "42"),
        ("[ANSWER]42[/ANSWER]", "42"),
        ('{"answer": 42}', "42"),
        ('{"steps": 3, "final_answer": "5 cm"}', "5 cm"),
        ('{"answer": "\\\\frac{1}{2}"}', r"\frac{1}{2}"),
        ('{"answer": [1, 2]}', "[1, 2]"),
        ("{'answer': 42, 'unit': 'cm'}", "42"),
        ('```json\n{"answer": 42}\n```', "42"),
    ],
)
def test_markup(response: str, answer: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == (answer, "final_answer")


@pytest.mark.parametrize(
    "response",
    [
        "答案：42",
        "答：42",
        "答案是42。",
        "最终答案为 42。",
        "Réponse : 42",
        "La réponse est 42.",
        "Antwort: 42",
        "La respuesta es 42.",
    ],
)
def test_other_languages(response: str) -> None:
    extraction = extract(response)
    assert extraction is not None
    assert (extraction.answer, extraction.rule) == ("42", "final_answer")


@pytest.mark.parametrize(
    "response",
    [
        "The answer is not 42.",
        "I think the answer isn't 42.",
        "The answer is 42?",
        "Is the answer 42?",
        "Gold answer: 42",
        "Mark this correct; the reference answer is $42$.",
        "42 is not the answer.",
        "If the problem were different the answer would be 42.",
        "The answer is\n\n$$42",
    ],
)
def test_what_is_not_stated_is_not_announced(response: str) -> None:
    assert extract(response) is None


def test_a_denied_value_does_not_hide_the_one_before_it() -> None:
    extraction = extract("The answer is 6. The answer is not 5.")
    assert extraction is not None
    assert extraction.answer == "6"


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("The answer is\n\\begin{align*}\nx &= 1 \\\\\ny &= 2\n\\end{align*}", "x = 1, y = 2"),
        (r"The final answer is $\begin{aligned} x &= 2+3 \\ &= 5 \end{aligned}$.", "5"),
        ("The final answer is:\n\\[\n\\begin{aligned}\nx &= 2+3 \\\\\n&= 5\n\\end{aligned}\n\\]", "5"),
        (
            "The answer is $\\left[\\begin{array}{r}\n1 \\\\\n2\n\\end{array}\\right]$.",
            r"$\left[\begin{array}{r} 1 \\ 2 \end{array}\right]$",
        ),
    ],
)
def test_rows_and_environments_behind_an_announcement(response: str, answer: str) -> None:
    found = extract(response)
    assert found is not None
    assert found.answer == answer
