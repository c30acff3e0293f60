"""Mathematics in delimiters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.math.extraction.displays import displays


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("$x$ and \\(y\\), \\[z\\] or $$w$$", ["x", "y", "z", "w"]),
        ("It costs $5 and she pays with $10", []),
        (r"$ \frac{1}{2} $", [r"\frac{1}{2}"]),
        ("$ 9 $", ["9"]),
        (r"$ \frac{1}{2} \$ = \frac{10}{9} $", [r"\frac{1}{2} \$ = \frac{10}{9}"]),
        ("it is $ 5 and $ 6", []),
        (r"\$5 and $6$", ["6"]),
        ("$$ $$ $x$", ["x"]),
    ],
)
def test_delimiters(text: str, contents: list[str]) -> None:
    assert [one.text for one in displays(text).found] == contents
    assert displays(text).cut == len(text)


def test_where_the_text_is_cut() -> None:
    assert displays("$x$ and \\[ y").cut == 8
    assert displays("a $$ b $x$").cut == 10  # what follows shows that it was not cut there


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("Answer $ \n 9 \n $.", "."),
        ("Answer \\( \n 9 \n \\).", "."),
        ("$ 9 \n$", ""),
        ("$\n 9$ and $x$", " and $x$"),
        ("\\(x\n= 9 and \\(y\\)", "\\(y\\)"),
        ("so $x\n=9$ now", " now"),
        ("one costs 5$\nand the other one $6", "one costs 5$\nand the other one $6"),
        ("$$\n9\n$$ and \\[\n9\n\\]", "$$\n9\n$$ and \\[\n9\n\\]"),
    ],
)
def test_what_is_inline_ends_with_its_line(text: str, behind: str) -> None:
    assert text[displays(text).clear :] == behind


@given(st.lists(st.sampled_from(["$$", "\\(", "\\)", "\\[", "\\]", " ", "1", "x"])).map("".join))
def test_the_same_are_found_as_by_a_plain_pattern(text: str) -> None:
    pattern = r"\$\$(.*?)\$\$|\\\[(.*?)\\\]|\\\((.*?)\\\)"
    plain = ["".join(group or "" for group in match.groups()).strip() for match in re.finditer(pattern, text)]
    assert [one.text for one in displays(text).found] == [content for content in plain if content]
