import pytest
from hypothesis import given
from hypothesis import strategies as st

from critic.steps import (
    OffsetError,
    blank_line_ends,
    ends_at_tokens,
    explicit_ends,
    newline_ends,
    separator_ends,
    spans,
    token_ends_checked,
    token_spans,
)

texts = st.text(st.sampled_from("ab\n é🙂\r"), max_size=30)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        ("one", ["one"]),
        ("one\ntwo", ["one\n", "two"]),
        ("one\n\n\ntwo\n", ["one\n\n\n", "two\n"]),
        ("\n\none", ["\n\n", "one"]),
        ("é🙂\n中", ["é🙂\n", "中"]),
        ("a\r\nb", ["a\r\n", "b"]),
    ],
)
def test_a_step_ends_after_each_run_of_newlines(text: str, steps: list[str]) -> None:
    assert [text[begin:end] for begin, end in spans(newline_ends(text))] == steps


@given(texts)
def test_steps_partition_the_text(text: str) -> None:
    parts = [text[begin:end] for begin, end in spans(newline_ends(text))]
    assert "".join(parts) == text
    assert all(parts)


def test_the_last_end_is_added_when_missing() -> None:
    assert explicit_ends("abcd", [2]) == [2, 4]
    assert explicit_ends("abcd", [2, 4]) == [2, 4]


@pytest.mark.parametrize(("ends", "index"), [([0], 0), ([5], 0), ([2, 2], 1), ([3, 1], 1), ([1, 2, 9], 2), ([-1], 0)])
def test_ends_that_do_not_fit_are_refused_by_index(ends: list[int], index: int) -> None:
    with pytest.raises(OffsetError) as caught:
        explicit_ends("abcd", ends)
    assert caught.value.index == index


@pytest.mark.parametrize(("ends", "index"), [([1, 0], 1), ([5], 0), ([-1], 0)])
def test_token_ends_that_do_not_fit_are_refused_by_index(ends: list[int], index: int) -> None:
    with pytest.raises(OffsetError) as caught:
        token_ends_checked("abcd", ends)
    assert caught.value.index == index


def test_a_token_belongs_to_the_step_in_which_it_ends() -> None:
    # "ab\n" + "cd": tokens "ab", "\nc" (reaches over the boundary), "d", and an end token without characters.
    assert token_spans([3, 5], [2, 4, 5, 5]) == [(0, 1), (1, 4)]
    # The same with the newline in a token of its own.
    assert token_spans([3, 5], [2, 3, 5]) == [(0, 2), (2, 3)]


def test_several_tokens_of_one_character_stay_together() -> None:
    # "é\n" + "🙂": é is two tokens, the newline one, the smiley four; each ends where its character ends.
    assert token_spans([2, 3], [1, 1, 2, 3, 3, 3, 3]) == [(0, 3), (3, 7)]
    # The same with inner tokens said to end before the character that they begin.
    assert token_spans([2, 3], [0, 1, 2, 2, 2, 2, 3]) == [(0, 6), (6, 7)]


def test_a_step_in_which_no_token_ends_is_empty() -> None:
    assert token_spans([1, 2, 3], [3, 3]) == [(0, 0), (0, 0), (0, 2)]


@st.composite
def cut_and_tokenized(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    length = draw(st.integers(1, 20))
    ends = sorted(draw(st.sets(st.integers(1, length)))) or [length]
    if ends[-1] != length:
        ends.append(length)
    return ends, sorted(draw(st.lists(st.integers(0, length))))


@given(cut_and_tokenized())
def test_token_spans_partition_the_tokens_by_where_they_end(case: tuple[list[int], list[int]]) -> None:
    ends, token_ends = case
    result = token_spans(ends, token_ends)
    assert [index for begin, end in result for index in range(begin, end)] == list(range(len(token_ends)))
    for (first, last), (begin, end) in zip(result, spans(ends), strict=True):
        for token_end in token_ends[first:last]:
            assert begin < token_end <= end or (begin == 0 and token_end == 0)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        ("one\ntwo", ["one\ntwo"]),
        ("one\n\ntwo\n", ["one\n\n", "two\n"]),
        ("one\n \t\n\ntwo", ["one\n \t\n\n", "two"]),
        ("one\r\n\r\ntwo", ["one\r\n\r\n", "two"]),
    ],
)
def test_a_step_ends_after_a_blank_line(text: str, steps: list[str]) -> None:
    assert [text[begin:end] for begin, end in spans(blank_line_ends(text))] == steps


@given(texts, st.sampled_from(["a", "ab", "\n\n", "aa"]))
def test_a_step_ends_after_each_separator(text: str, separator: str) -> None:
    parts = [text[begin:end] for begin, end in spans(separator_ends(text, separator))]
    assert "".join(parts) == text
    assert all(part.endswith(separator) for part in parts[:-1])
    assert all(part.count(separator) <= 1 for part in parts)


def test_ends_at_tokens_are_those_of_characters() -> None:
    # "é🙂x": é is one token, the smiley two, x one, and an end-of-text token without characters.
    token_ends = [1, 2, 2, 3, 3]
    assert ends_at_tokens("é🙂x", token_ends, [1, 3, 5]) == [1, 2, 3]
    assert ends_at_tokens("é🙂x", token_ends, [3]) == [2, 3]
    assert ends_at_tokens("é🙂x", token_ends, [4]) == [3]


@pytest.mark.parametrize(("counts", "index"), [([2], 0), ([0], 0), ([6], 0), ([1, 1], 1), ([3, 1], 1), ([4, 5], 1)])
def test_ends_at_tokens_that_do_not_fit_are_refused_by_index(counts: list[int], index: int) -> None:
    with pytest.raises(OffsetError) as caught:
        ends_at_tokens("é🙂x", [1, 2, 2, 3, 3], counts)
    assert caught.value.index == index


@given(st.text(st.sampled_from("ab\n é🙂"), min_size=1, max_size=20), st.data())
def test_ends_at_tokens_agree_with_the_spans_of_tokens(text: str, data: st.DataObject) -> None:
    widths = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=30))
    token_ends: list[int] = []
    for width in widths:
        token_ends.append(min(len(text), (token_ends[-1] if token_ends else 0) + width))
    token_ends[-1] = len(text)
    counts = sorted(data.draw(st.sets(st.integers(1, len(token_ends)), max_size=5)))
    try:
        ends = ends_at_tokens(text, token_ends, counts)
    except OffsetError:
        return
    asked = [count for count in counts if token_ends[count - 1] < len(text)]
    assert [end for _, end in token_spans(ends, token_ends)][:-1] == asked
