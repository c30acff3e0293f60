"""Token ends must cut the decoded text exactly, whatever the tokenizer does to bytes and spaces."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from trainer.rollout.offsets import TokenOffsets, decode


def encode(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def test_ascii_bytes_end_one_character_each(tokenizer: Any) -> None:
    assert TokenOffsets(tokenizer).ends(encode(tokenizer, "a\nb"), "a\nb") == [1, 2, 3]


def test_every_byte_of_a_character_ends_where_the_character_ends(tokenizer: Any) -> None:
    # "a" 1 byte, newline 1, "é" 2, "😀" 4: the first byte of é is in the line after the newline, not in the one before.
    assert TokenOffsets(tokenizer).ends(encode(tokenizer, "a\né😀"), "a\né😀") == [1, 2, 3, 3, 4, 4, 4, 4]


def test_the_end_of_sequence_token_ends_where_the_text_does(tokenizer: Any) -> None:
    assert TokenOffsets(tokenizer).ends([*encode(tokenizer, "é"), tokenizer.eos_token_id], "é") == [1, 1, 1]
    assert TokenOffsets(tokenizer).ends([tokenizer.eos_token_id], "") == [0]


def test_no_tokens_have_no_ends(tokenizer: Any) -> None:
    assert TokenOffsets(tokenizer).ends([], "") == []


def test_bytes_that_never_become_a_character_are_replacement_characters(tokenizer: Any) -> None:
    ids = encode(tokenizer, "é")[:1] + encode(tokenizer, "xy")
    text = decode(tokenizer, ids)
    assert text == "\ufffdxy"
    assert TokenOffsets(tokenizer).ends(ids, text) == [1, 2, 3]


def test_a_response_cut_within_a_character(tokenizer: Any) -> None:
    ids = encode(tokenizer, "a😀")[:3]
    text = decode(tokenizer, ids)
    ends = TokenOffsets(tokenizer).ends(ids, text)
    assert ends[0] == 1
    assert ends[-1] == len(text)


@pytest.fixture(scope="module")
def words() -> Any:
    """Words whose leading space vanishes at the start of a text, as sentencepiece models have them."""
    vocabulary = {word: index for index, word in enumerate(["<eos>", "▁two", "▁words", "▁and", "s", "▁"])}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<eos>"))
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>", clean_up_tokenization_spaces=False)


def test_spaces_that_depend_on_the_neighbour(words: Any) -> None:
    ids = [1, 3, 2, 4]
    text = decode(words, ids)
    assert text == "two and wordss"
    assert TokenOffsets(words).ends(ids, text) == [3, 7, 13, 14]


def test_spaces_over_a_long_response(words: Any) -> None:
    ids = [1, 3, 2, 3] * 20
    text = decode(words, ids)
    expected = [len(decode(words, ids[: index + 1])) for index in range(len(ids))]
    assert TokenOffsets(words).ends(ids, text) == expected


@given(st.text(max_size=60))
def test_tokens_of_any_text_are_cut_at_characters(tokenizer: Any, text: str) -> None:
    ids = encode(tokenizer, text)
    expected: list[int] = []
    for index, character in enumerate(text):
        expected += [index + 1] * len(character.encode("utf-8", "replace"))
    assert TokenOffsets(tokenizer).ends(ids, text) == expected


@given(st.lists(st.integers(0, 256), max_size=60))
def test_any_tokens_have_ends_that_do_not_decrease_and_reach_the_end(tokenizer: Any, ids: list[int]) -> None:
    text = decode(tokenizer, ids)
    ends = TokenOffsets(tokenizer).ends(ids, text)
    assert len(ends) == len(ids)
    assert ends == sorted(ends)
    assert not ends or ends[-1] == len(text)
