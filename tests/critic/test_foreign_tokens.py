"""Spans of a policy's own tokens, whatever its tokenizer does to bytes, newlines, spaces and special tokens."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codaserve.v1 import critic_pb2 as pb
from critic.answer import answer
from critic.group import cut
from tests.critic import made
from trainer.rollout.offsets import TokenOffsets, decode

TOKENIZERS: dict[str, Callable[[], Any]] = {
    "byte level": made.byte_level,
    "merging across lines": made.merging,
    "byte fallback": made.byte_fallback,
    "unigram": made.unigram,
}
tokenizers = pytest.mark.parametrize("name", TOKENIZERS)
_BLANKS = ["\n", "\n\n", " \n", "\n ", " ", "  ", "\t", ".\n\n"]
_WORDS = [".", "So she has", " 3 + 4 = 7", "$", "é", "日本", "😀", "👩\u200d👧", "ß", "e\u0301"]
_PIECES = st.sampled_from(_BLANKS + _WORDS)
texts = st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=14).map("".join)


def rollout(tokenizer: Any, text: str, *, end: bool) -> tuple[str, list[int], list[int]]:
    """A response as a trainer has it: its text, its tokens and their ends."""
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"]) + [tokenizer.eos_token_id] * end
    response = decode(tokenizer, ids)
    return response, ids, TokenOffsets(tokenizer).ends(ids, response)


def spans_of(response: pb.Response) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Steps of an answered response as characters and as tokens."""
    group = cut(pb.StateGroup(prompt="q", responses=pb.Responses(responses=[response])), max_responses=1)
    values = [[0.5] * (1 + len(group.texts[0].ends))]
    (result,) = answer(group, values, "c", 0).responses
    steps = result.steps
    return [(s.characters.begin, s.characters.end) for s in steps], [(s.tokens.begin, s.tokens.end) for s in steps]


def check(response: pb.Response) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Token spans partition the tokens, and each token ends inside its step."""
    characters, tokens = spans_of(response)
    ends = response.token_ends
    if characters:
        assert [tokens[0][0], tokens[-1][1]] == [0, len(ends)]
        assert [characters[0][0], characters[-1][1]] == [0, len(response.text)]
    for spans in (characters, tokens):
        assert all(before[1] == after[0] for before, after in pairwise(spans))
    for number, ((begin, end), (first, last)) in enumerate(zip(characters, tokens, strict=True)):
        for token in range(first, last):
            assert ends[token] <= end
            assert ends[token] > begin or (number == 0 and ends[token] == 0)
    return characters, tokens


@tokenizers
@settings(max_examples=150, deadline=None)
@given(text=texts, end=st.booleans())
def test_spans_partition_the_tokens_of_a_policy(name: str, text: str, end: bool) -> None:
    response, ids, ends = rollout(TOKENIZERS[name](), text, end=end)
    check(pb.Response(text=response, token_ends=ends))
    assert len(ends) == len(ids)


@tokenizers
@settings(max_examples=150, deadline=None)
@given(text=texts)
@example(text="\n\n\n\n日本0𐀀.\n\n0\x80\x800\x80𐀀\n ")  # a last space where decoding would start anew
def test_the_text_of_a_steps_tokens_is_the_step_up_to_tokens_that_reach_over_its_ends(name: str, text: str) -> None:
    """A token that reaches over a boundary belongs to the later step: the tokens up to the end of a step have the
    text before the boundary, less what the first characters of such a token are."""
    tokenizer = TOKENIZERS[name]()
    response, ids, ends = rollout(tokenizer, text, end=True)
    characters, tokens = check(pb.Response(text=response, token_ends=ends))
    for (_, end), (_, last) in zip(characters, tokens, strict=True):
        have = decode(tokenizer, ids[:last])
        assert response.startswith(have)
        reaching = last < len(ids) and (ends[last - 1] if last else 0) < end
        assert (len(have) < end) if reaching else (len(have) == end)


@tokenizers
@settings(max_examples=150, deadline=None)
@given(text=texts, chance=st.randoms())
def test_steps_of_tokens_come_back_as_they_were_sent(name: str, text: str, chance: Any) -> None:
    response, _, ends = rollout(TOKENIZERS[name](), text, end=True)
    # Where a step may end: after a token that ends a character, and the last of those that end there.
    allowed = [n for n in range(1, len(ends)) if 0 < ends[n - 1] < ends[n]]
    chosen = sorted(chance.sample(allowed, min(4, len(allowed))))
    if not chosen:
        return
    _, tokens = check(pb.Response(text=response, token_ends=ends, step_token_ends=chosen))
    assert [last for _, last in tokens] == [*chosen, len(ends)]


@tokenizers
@pytest.mark.parametrize("text", ["one\n😀 two", "a 😀é b\nc", "\n日本\n\né", "x\n\n  é\n"])
def test_bytes_of_a_character_are_in_the_step_of_the_character(name: str, text: str) -> None:
    tokenizer = TOKENIZERS[name]()
    response, ids, ends = rollout(tokenizer, text, end=False)
    assert response == text
    reached = 0
    for token, end in zip(ids, ends, strict=True):
        # By the tokenizer's own account of which characters a token is of, where it has one.
        reached = max(reached, end)
        assert end == reached
        piece = tokenizer.convert_ids_to_tokens(token)
        if piece == "<0x0A>" or piece == "Ċ":
            assert text[end - 1] == "\n"
        elif piece.startswith("<0x") and int(piece[3:5], 16) >= 0x80:
            assert ord(text[end - 1]) >= 0x80
