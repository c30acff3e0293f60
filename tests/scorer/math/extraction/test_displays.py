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
    found, cut = displays(text)
    assert [one.text for one in found] == contents
    assert cut == len(text)


def test_where_the_text_is_cut() -> None:
    assert displays("$x$ and \\[ y")[1] == 8
    assert displays("a $$ b $x$")[1] == 10  # what follows shows that it was not cut there


@given(st.lists(st.sampled_from(["$$", "\\(", "\\)", "\\[", "\\]", "\n", "1", "x"])).map("".join))
def test_the_same_are_found_as_by_a_plain_pattern(text: str) -> None:
    pattern = r"\$\$(.*?)\$\$|\\\[(.*?)\\\]|\\\((.*?)\\\)"
    plain = [
        "".join(group or "" for group in match.groups()).strip() for match in re.finditer(pattern, text, re.DOTALL)
    ]
    assert [one.text for one in displays(text)[0]] == [content for content in plain if content]
