"""From texts to the critic's tokens, with the places at which values are read.

A response is cut at its step ends, and at every end that the newline rule gives besides, and each piece is tokenized
apart. A tokenizer run over the whole text would merge characters across a boundary, and which ones would depend on the
text that follows: the state "x\\n" would have other tokens, and so another value, when the response goes on with a
second newline or a space than when it stops there, and a value at a boundary would know about the future that it is to
predict. Tokenized in pieces, a boundary is always the end of a token, and a state has the same tokens whether it is
evaluated alone, inside a longer response, as prefix and alternative, or in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from critic.steps import newline_ends


@dataclass(frozen=True)
class CutText:
    """A response, or the beginning of one, and the ends of its steps (strictly increasing, the last its length)."""

    text: str
    ends: tuple[int, ...]


@dataclass(frozen=True)
class EncodedSequence:
    """Tokens of a prompt and a response, and where to read the values.

    Attributes:
        tokens: Token ids, at least one.
        boundaries: For the prompt and then each step, the position of the last token of that state, not decreasing: a
            step whose text has no tokens shares the position, and so the value, of the state before.
    """

    tokens: tuple[int, ...]
    boundaries: tuple[int, ...]


class EmptyPromptError(ValueError):
    """The prompt has no tokens, and the tokenizer has no token that could stand for an empty one."""


class Encoder:
    """Tokenizes prompts and responses by one checkpoint's tokenizer. Not thread-safe."""

    def __init__(self, tokenizer: Any) -> None:
        """Args:
        tokenizer: A transformers tokenizer.
        """
        self._tokenizer = tokenizer
        bos = tokenizer.bos_token_id
        # Only a tokenizer that begins its own texts so was trained with a model that expects it.
        self._begins_with_bos = bos is not None and tokenizer("a")["input_ids"][:1] == [bos]
        self._bos: int | None = bos

    def encode(self, prompt: str, responses: Sequence[CutText]) -> list[EncodedSequence]:
        """One sequence for each response, or the prompt alone when there are none.

        Raises:
            EmptyPromptError: See there.
        """
        pieces = [_pieces(response) for response in responses]
        texts = [response.text[b:e] for response, cut in zip(responses, pieces, strict=True) for b, e in pairwise(cut)]
        tokens = self._tokenize([prompt, *texts])
        start = self._start(tokens[prompt])
        if not responses:
            return [EncodedSequence(tuple(start), (len(start) - 1,))]
        return [_join(start, response, cut, tokens) for response, cut in zip(responses, pieces, strict=True)]

    def _tokenize(self, texts: list[str]) -> dict[str, list[int]]:
        """Each text's tokens; all in one call, and equal ones once, since most of the cost is per call and per text."""
        distinct = [text for text in dict.fromkeys(texts) if text]
        if not distinct:
            return {"": []}
        encoded = self._tokenizer(distinct, add_special_tokens=False, return_attention_mask=False, verbose=False)
        return {"": [], **dict(zip(distinct, encoded["input_ids"], strict=True))}

    def _start(self, prompt: list[int]) -> list[int]:
        if self._begins_with_bos and prompt[:1] != [self._bos]:
            return [self._bos, *prompt]  # type: ignore[list-item]
        if prompt:
            return prompt
        stand_in = self._bos if self._bos is not None else self._tokenizer.eos_token_id
        if stand_in is None:
            raise EmptyPromptError("the prompt has no tokens; send a prompt with text that the tokenizer keeps")
        return [stand_in]


def _pieces(response: CutText) -> list[int]:
    return sorted({0, *newline_ends(response.text), *response.ends})


def _join(start: list[int], response: CutText, cut: list[int], tokens: dict[str, list[int]]) -> EncodedSequence:
    joined = list(start)
    boundaries = [len(start) - 1]
    ends = set(response.ends)
    for begin, end in pairwise(cut):
        joined += tokens[response.text[begin:end]]
        if end in ends:
            boundaries.append(len(joined) - 1)
    return EncodedSequence(tuple(joined), tuple(boundaries))
