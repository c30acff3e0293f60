from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from critic.encode import CutText, EmptyPromptError, Encoder
from critic.steps import newline_ends


def cut(text: str, *ends: int) -> CutText:
    return CutText(text, ends or tuple(newline_ends(text)))


def test_boundaries_are_the_last_tokens_of_the_states(tokenizer: Any) -> None:
    (sequence,) = Encoder(tokenizer).encode("q:", [cut("xy\nz\n")])
    assert tokenizer.convert_ids_to_tokens(list(sequence.tokens)) == ["q", ":", "x", "y", "Ċ", "z", "Ċ"]
    assert sequence.boundaries == (1, 4, 6)


def test_no_token_reaches_over_a_boundary(tokenizer: Any) -> None:
    # Over the whole text this tokenizer merges "\nb"; and "ab", which an explicit boundary cuts.
    assert "Ċb" in tokenizer.tokenize("a\nb")
    (sequence,) = Encoder(tokenizer).encode("q", [cut("c\nb")])
    assert tokenizer.convert_ids_to_tokens(list(sequence.tokens)) == ["q", "c", "Ċ", "b"]
    (sequence,) = Encoder(tokenizer).encode("q", [cut("ab", 1, 2)])
    assert tokenizer.convert_ids_to_tokens(list(sequence.tokens)) == ["q", "a", "b"]


@given(prompt=st.text("ab\n ", min_size=1, max_size=5), text=st.text("ab\n é", max_size=12))
def test_a_state_has_the_same_tokens_alone_and_inside(tokenizer: Any, prompt: str, text: str) -> None:
    encoder = Encoder(tokenizer)
    whole = cut(text)
    (sequence,) = encoder.encode(prompt, [whole])
    assert len(sequence.boundaries) == len(whole.ends) + 1
    for end, boundary in zip((0, *whole.ends), sequence.boundaries, strict=True):
        (alone,) = encoder.encode(prompt, [cut(text[:end])])
        assert alone.tokens == sequence.tokens[: boundary + 1]
        assert alone.boundaries[-1] == boundary


def test_explicit_ends_do_not_change_the_tokens_between_lines(tokenizer: Any) -> None:
    text = "a\nb\na b\n"
    by_line, by_two_lines = Encoder(tokenizer).encode("q", [cut(text), cut(text, 4, 8)])
    assert by_two_lines.tokens == by_line.tokens
    assert by_two_lines.boundaries == (by_line.boundaries[0], by_line.boundaries[2], by_line.boundaries[3])


def test_an_empty_response_leaves_the_prompt(tokenizer: Any) -> None:
    (sequence,) = Encoder(tokenizer).encode("qq", [cut("")])
    assert (len(sequence.tokens), sequence.boundaries) == (2, (1,))
    assert Encoder(tokenizer).encode("qq", []) == [sequence]


def test_a_step_without_tokens_shares_the_boundary_before_it() -> None:
    core = Tokenizer(models.WordLevel({"x": 0, "?": 1}, unk_token="?"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    (sequence,) = Encoder(PreTrainedTokenizerFast(tokenizer_object=core, unk_token="?")).encode("x", [cut("\nx\n")])
    assert sequence.tokens == (0, 0)
    assert sequence.boundaries == (0, 0, 1)


def with_bos() -> Any:
    core = Tokenizer(models.WordLevel({"<s>": 0, "a": 1, "?": 2}, unk_token="?"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.add_special_tokens([AddedToken("<s>", special=True)])
    core.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", unk_token="?")


def test_bos_begins_the_prompt_once_where_the_tokenizer_has_it_so() -> None:
    encoder = Encoder(with_bos())
    assert encoder.encode("a", [cut("a\na")])[0].tokens == (0, 1, 1, 1)
    assert encoder.encode("<s> a", [])[0].tokens == (0, 1)
    assert encoder.encode(" ", [])[0] == encoder.encode("<s>", [])[0]


def test_a_prompt_without_tokens_becomes_a_special_token_or_an_error(tokenizer: Any) -> None:
    assert Encoder(tokenizer).encode("", [])[0].tokens == (tokenizer.eos_token_id,)
    core = Tokenizer(models.WordLevel({"x": 0}, unk_token="x"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(EmptyPromptError, match="no tokens"):
        Encoder(PreTrainedTokenizerFast(tokenizer_object=core)).encode(" ", [])


def test_one_call_of_the_tokenizer_for_a_group(tokenizer: Any) -> None:
    calls: list[list[str]] = []

    def counted(texts: Any, **options: Any) -> Any:
        calls.append(texts)
        return tokenizer(texts, **options)

    encoder = Encoder(tokenizer)
    encoder._tokenizer = _Counting(counted, tokenizer)
    encoder.encode("q", [cut("a\nb\n"), cut("a\nc\n")])
    assert calls == [["q", "a\n", "b\n", "c\n"]]


class _Counting(SimpleNamespace):
    def __init__(self, call: Any, tokenizer: Any) -> None:
        super().__init__(call=call, eos_token_id=tokenizer.eos_token_id)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.call(*args, **options)
