"""What is no part of what a response says."""

import pytest

from scorer.math.extraction.clean import clean


@pytest.mark.parametrize(
    ("response", "left"),
    [
        ("16 - 3 = <<16-3=13>>13", "16 - 3 = 13"),
        ("16 - 3 = <<16-3", "16 - 3 = "),
        ("4\u200b2\u202e", "42"),
        ("42<|im_end|></s>", "42"),
        ("\x08oxed{42}", "\\boxed{42}"),
        ("so boxed{42}", "so \\boxed{42}"),
        ("\\boxed{42}", "\\boxed{42}"),
        ("a\r\nb", "a\nb"),
        ("x < 3 and 5 > y", "x < 3 and 5 > y"),
    ],
)
def test_annotations_and_invisible_characters_go(response: str, left: str) -> None:
    assert clean(response) == left


@pytest.mark.parametrize("fence", ["```python\n{}\n```", "```\nimport os\n{}\n```", "~~~c++\n{}\n~~~", "```py\n{}"])
def test_programs_go(fence: str) -> None:
    assert "42" not in clean("a\n" + fence.format("print(42)"))


@pytest.mark.parametrize("fence", ["```\n{}\n```", "```latex\n{}\n```", "```output\n{}\n```", "```{}```"])
def test_other_fenced_text_stays(fence: str) -> None:
    assert "42" in clean("a\n" + fence.format("42"))


@pytest.mark.parametrize(
    ("response", "cleaned"),
    [
        (r"\boxed{6}% \boxed{5}", r"\boxed{6}"),
        ("\\boxed{6}\n% \\boxed{5}\nend", "\\boxed{6}\n\nend"),
        (r"\boxed{6} <!-- \boxed{5} -->.", r"\boxed{6} ."),
        (r"It is <!-- \boxed{5}", r"It is <!-- \boxed{5}"),
        (r"So it is 50% \boxed{50\%}", r"So it is 50% \boxed{50\%}"),
        (r"It is 50 % \boxed{50}", r"It is 50 % \boxed{50}"),
        (r"\boxed{50}\% = \boxed{0.5}", r"\boxed{50}\% = \boxed{0.5}"),
    ],
)
def test_comments_say_nothing(response: str, cleaned: str) -> None:
    assert clean(response) == cleaned


def test_words_that_are_glued_to_equations_are_words() -> None:
    assert clean("W(x)=1orW(x)=-1") == "W(x)=1 or W(x)=-1"
    assert clean("a=2andb=3") == "a=2 and b=3"


@pytest.mark.parametrize(
    ("response", "cleaned"),
    [
        ("[1,\n 2,\n 3]", "[1, 2, 3]"),
        ('{"answer": [\n  1,\n  2\n]}', '{"answer": [ 1, 2 ]}'),
        ("\\[\n5\n\\]", "\\[\n5\n\\]"),
        ("We have x = 2,\n3 apples are left.", "We have x = 2,\n3 apples are left."),
    ],
)
def test_a_list_may_go_over_several_lines(response: str, cleaned: str) -> None:
    assert clean(response) == cleaned
