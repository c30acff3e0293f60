import tracemalloc
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from critic.encode import PORTION_CHARACTERS, CutText, EmptyPromptError, Encoded, EncodedSequence, Encoder, TooLongError
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


class Spy(SimpleNamespace):
    """A tokenizer that remembers what it was given."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__(inner=tokenizer, calls=[], bos_token_id=None, get_vocab=tokenizer.get_vocab)

    def __call__(self, texts: list[str], **options: Any) -> Any:
        self.calls.append(texts)
        return self.inner(texts, **options)

    @property
    def characters(self) -> int:
        return sum(len(text) for call in self.calls for text in call)


def test_one_call_of_the_tokenizer_for_a_group(tokenizer: Any) -> None:
    spy = Spy(tokenizer)
    Encoder(spy).encode("q", [cut("a\nb\n"), cut("a\nc\n")])
    assert spy.calls == [["q", "a\n", "b\n", "c\n"]]


@pytest.mark.parametrize(
    ("prompt", "response", "message"),
    [
        ("x" * 3_000_000, "a", "the prompt has at least"),
        ("q", "x" * 3_000_000, "prompt and response 0 together have at least"),
        ("q", "".join(f"{number}\n" for number in range(400_000)), "prompt and response 0 together have at least 102 "),
    ],
)
def test_a_text_that_is_too_long_is_found_out_from_its_beginning(
    tokenizer: Any, prompt: str, response: str, message: str
) -> None:
    spy = Spy(tokenizer)
    with pytest.raises(TooLongError, match=f"^{message}.*max_tokens is 100$"):
        Encoder(spy).encode(prompt, [cut(response)], 100)
    assert spy.characters <= 2 * PORTION_CHARACTERS


def test_the_limit_is_exact(tokenizer: Any) -> None:
    encoder = Encoder(tokenizer)
    (sequence,) = encoder.encode("qq", [cut("x\ny")], 5)
    assert len(sequence.tokens) == 5
    with pytest.raises(TooLongError, match="response 1 together have at least 6 tokens; max_tokens is 5"):
        encoder.encode("qq", [cut("x\ny"), cut("x\nyy")], 5)


def test_portions_give_the_same_tokens_and_are_bounded(tokenizer: Any) -> None:
    spy = Spy(tokenizer)
    line = "a b" * 10_000 + "\n"
    responses = [cut(f"{number}{line}" * 3 + f"{number}") for number in range(6)]
    given = list(Encoder(spy).portions("q", responses, 10**6))
    assert set(given[:-1]) == {None}
    assert len(given) > len(spy.calls)
    assert len(spy.calls) > 1
    assert max(sum(map(len, call)) for call in spy.calls) <= PORTION_CHARACTERS
    assert given[-1] == Encoded([s for one in responses for s in Encoder(tokenizer).encode("q", [one])])


def truncated(encoder: Encoder, prompt: str, texts: list[str], max_tokens: int) -> tuple[list[EncodedSequence], int]:
    given = list(encoder.portions(prompt, [cut(text) for text in texts], max_tokens, truncate=True))[-1]
    assert given is not None
    return given.sequences, given.truncated


def test_all_responses_lose_the_same_beginning_of_the_prompt(tokenizer: Any) -> None:
    encoder = Encoder(tokenizer)
    for most, left in ((9, "1234"), (6, "1234"), (5, "234"), (4, "34"), (3, "4")):
        wanted = encoder.encode(left, [cut("x\n"), cut(""), cut("y")])
        assert truncated(encoder, "1234", ["x\n", "", "y"], most) == (wanted, 4 - len(left))
    with pytest.raises(TooLongError, match=r"of the prompt and response 1 .* at least 4 tokens; .* is 2$"):
        truncated(encoder, "1234", ["", "xyz"], 2)


def test_the_token_that_begins_every_text_stays() -> None:
    encoder = Encoder(with_bos())
    assert truncated(encoder, "a a a", ["a"], 4) == ([EncodedSequence((0, 1, 1, 1), (2, 3))], 1)
    assert truncated(encoder, "a a a", ["a"], 3) == ([EncodedSequence((0, 1, 1), (1, 2))], 2)
    assert truncated(encoder, "<s>", ["a a"], 3) == ([EncodedSequence((0, 1, 1), (0, 2))], 0)
    with pytest.raises(TooLongError, match="at least 3 tokens"):
        truncated(encoder, "a a a", ["a"], 2)


def test_a_long_prompt_costs_memory_once_and_not_for_each_response(tokenizer: Any) -> None:
    responses = [cut(str(number)) for number in range(256)]
    tracemalloc.start()
    try:
        done = list(Encoder(tokenizer).portions("x" * 200_000, responses, 100, truncate=True))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert done[-1] is not None
    assert done[-1].truncated > 199_900
    assert peak < 40e6  # 256 copies of the prompt's tokens would be 400 MB


def test_a_response_that_leaves_no_room_is_found_out_from_its_beginning(tokenizer: Any) -> None:
    spy = Spy(tokenizer)
    with pytest.raises(TooLongError, match=r"max_tokens is 100$"):
        truncated(Encoder(spy), "q" * 300, ["x" * 3_000_000], 100)
    assert spy.characters <= 2 * PORTION_CHARACTERS


def test_a_long_text_with_few_tokens_is_not_refused() -> None:
    core = Tokenizer(models.WordLevel({"x": 0, "?": 1}, unk_token="?"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=core, unk_token="?"))
    (sequence,) = encoder.encode("x", [cut(("x" + " " * 100_000) * 9)], 10)
    assert sequence.tokens == (0,) * 10


def test_no_text_has_more_characters_than_its_tokens_can_have(tokenizer: Any) -> None:
    assert Encoder(tokenizer).max_characters(10) == 640
    wide = Tokenizer(models.WordLevel({"x" * 100: 0}, unk_token="x" * 100))
    assert Encoder(PreTrainedTokenizerFast(tokenizer_object=wide)).max_characters(10) == 1000
