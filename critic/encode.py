"""From texts to the critic's tokens, with the places at which values are read.

A response is cut at its step ends, and at every end that the newline rule gives besides, and each piece is tokenized
apart. A tokenizer run over the whole text would merge characters across a boundary, and which ones would depend on the
text that follows: the state "x\\n" would have other tokens, and so another value, when the response goes on with a
second newline or a space than when it stops there, and a value at a boundary would know about the future that it is to
predict. Tokenized in pieces, a boundary is always the end of a token, and a state has the same tokens whether it is
evaluated alone, inside a longer response, as prefix and alternative, or in training.

A tokenizer takes seconds for megabytes, so the work is done in portions: who encodes for many callers lets each have a
portion in turn, and a text that is too long is found out from its beginning.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from critic.steps import newline_ends

PORTION_CHARACTERS = 2**16
"""What is tokenized in one go, about; a tenth of a second of work. A text between two boundaries cannot be divided."""
_BEGINNING = 8
"""Characters of a text's beginning for each allowed token: enough to tell that a text is too long, mostly."""
_MARGIN = 1.5
"""A beginning has about as many tokens as it has within the whole text, not exactly; by this much it is certain."""
_LONGEST_TOKEN = 64
"""Characters for each token that a text may always have: a tokenizer may drop spaces, or take a long word for one."""


@dataclass(frozen=True)
class CutText:
    """A response, or the beginning of one, and the ends of its steps (strictly increasing, the last its length)."""

    text: str
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Separator:
    """What a model was trained to find after each step, as public process reward models were.

    Attributes:
        text: Put in place of the newlines that end a step; values are read at its last token.
        after: Put between it and the next step.
    """

    text: str
    after: str = ""


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


@dataclass(frozen=True)
class Encoded:
    """A prompt with each of its responses.

    Attributes:
        sequences: One for each response, or the prompt alone when there are none.
        truncated: Tokens of the prompt's beginning that were left out of all of them.
    """

    sequences: list[EncodedSequence]
    truncated: int = 0


class EmptyPromptError(ValueError):
    """The prompt has no tokens, and the tokenizer has no token that could stand for an empty one."""


class TooLongError(ValueError):
    """A prompt and a response that together have more tokens than are allowed; the text says which and how many."""


class Encoder:
    """Tokenizes prompts and responses by one checkpoint's tokenizer. Not thread-safe."""

    def __init__(self, tokenizer: Any, separator: Separator | None = None) -> None:
        """Args:
        tokenizer: A transformers tokenizer.
        separator: What the model wants after each step; None for models that read values at the steps' own ends.
        """
        self._tokenizer = tokenizer
        self._separator = separator
        marks = (separator.text, separator.after) if separator is not None else ("", "")
        known = self._tokenize([text for text in marks if text]) | {"": []}
        self._marks = [known[text] for text in marks]
        bos = tokenizer.bos_token_id
        # Only a tokenizer that begins its own texts so was trained with a model that expects it.
        self._begins_with_bos = bos is not None and tokenizer("a")["input_ids"][:1] == [bos]
        self._bos: int | None = bos
        self._longest_token = max(_LONGEST_TOKEN, *map(len, tokenizer.get_vocab()))

    def max_characters(self, max_tokens: int) -> int:
        """Length above which a prompt and a response are too long together whatever they are, characters."""
        return max_tokens * self._longest_token

    def encode(self, prompt: str, responses: Sequence[CutText], max_tokens: int = sys.maxsize) -> list[EncodedSequence]:
        """One sequence for each response, or the prompt alone when there are none.

        Args:
            prompt: What all responses begin with.
            responses: What follows it.
            max_tokens: Longest sequence.

        Raises:
            EmptyPromptError: See there.
            TooLongError: A sequence is longer than `max_tokens`.
        """
        return next(done for done in self.portions(prompt, responses, max_tokens) if done is not None).sequences

    def portions(
        self, prompt: str, responses: Sequence[CutText], max_tokens: int, *, truncate: bool = False
    ) -> Iterator[Encoded | None]:
        """As `encode`, in portions: gives None after each, and the sequences at the end.

        Args:
            prompt: What all responses begin with.
            responses: What follows it.
            max_tokens: Longest sequence.
            truncate: Leave out as many tokens of the prompt's beginning as the longest response needs, the same for
                all. A beginning-of-text token stays, and one token of the prompt at least.
        """
        texts = (text for response in responses for text, _ in self._pieces(response))
        ahead = _portions(chain([prompt], texts))
        known: dict[str, list[int]] = {"": []}

        def learn(text: str, what: str) -> Iterator[None]:
            """Tokenizes the portion that begins with the text; no earlier one had it."""
            portion = next(ahead)
            if len(portion) == 1:
                yield from self._try_beginning(text, limit, what)
            known.update(self._tokenize(portion))
            yield

        what = "the prompt has"
        limit = sys.maxsize if truncate else max_tokens
        if prompt:
            yield from learn(prompt, what)
        start = self._start(known[prompt])
        _check(len(start), limit, what)
        limit = max_tokens
        kept = int(self._begins_with_bos)
        least = min(len(start), kept + 1) if truncate else len(start)
        rests: list[tuple[list[int], list[int]]] = []
        walked = 0
        for index, response in enumerate(responses):
            what = f"{'the last token of the prompt' if truncate else 'prompt'} and response {index} together have"
            rest: list[int] = []
            ends: list[int] = []
            mark, after = self._marks
            for piece, is_step in self._pieces(response):
                if piece not in known:
                    yield from learn(piece, what)
                rest += known[piece]
                if is_step:
                    rest += mark
                    ends.append(len(rest))
                    rest += after
                _check(least + len(rest), max_tokens, what)
            rests.append((rest, ends))
            walked += len(response.text)
            if walked > PORTION_CHARACTERS:
                walked = 0
                yield None
        longest = max((len(rest) for rest, _ in rests), default=0)
        excess = max(len(start) + longest - max_tokens, 0) if truncate else 0
        start = start[:kept] + start[kept + excess :]
        last = len(start) - 1
        sequences = [
            EncodedSequence((*start, *rest), (last, *(last + end for end in ends))) for rest, ends in rests
        ] or [EncodedSequence(tuple(start), (last,))]
        yield Encoded(sequences, excess)

    def _try_beginning(self, text: str, max_tokens: int, what: str) -> Iterator[None]:
        """Tokenizes growing beginnings of a long text, since the first mostly shows that the whole is too long."""
        length = max(_BEGINNING * max_tokens, PORTION_CHARACTERS)
        while length < len(text):
            (tokens,) = self._tokenize([text[:length]]).values()
            _check(int(len(tokens) / _MARGIN), max_tokens, what)
            yield
            length *= 4

    def _tokenize(self, texts: list[str]) -> dict[str, list[int]]:
        """Each text's tokens; all in one call, since most of the cost of short ones is per call."""
        if not texts:
            return {}
        encoded = self._tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)
        return dict(zip(texts, encoded["input_ids"], strict=True))

    def _pieces(self, response: CutText) -> Iterator[tuple[str, bool]]:
        """What is tokenized apart, and whether a step ends there."""
        ends = set(response.ends)
        if self._separator is not None:
            for begin, end in pairwise([0, *response.ends]):
                yield response.text[begin:end].rstrip("\n"), True
            return
        for begin, end in pairwise(sorted({0, *newline_ends(response.text), *ends})):
            yield response.text[begin:end], end in ends

    def _start(self, prompt: list[int]) -> list[int]:
        if self._begins_with_bos and prompt[:1] != [self._bos]:
            return [self._bos, *prompt]  # type: ignore[list-item]
        if prompt:
            return prompt
        stand_in = self._bos if self._bos is not None else self._tokenizer.eos_token_id
        if stand_in is None:
            raise EmptyPromptError("the prompt has no tokens; send a prompt with text that the tokenizer keeps")
        return [stand_in]


def _portions(texts: Iterable[str]) -> Iterator[list[str]]:
    """Distinct texts that are not empty, in order, as many together as fit a portion."""
    portion: list[str] = []
    size = 0
    seen = {""}
    for text in texts:
        if text in seen:
            continue
        seen.add(text)
        if portion and size + len(text) > PORTION_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion.append(text)
        size += len(text)
    if portion:
        yield portion


def _check(tokens: int, max_tokens: int, what: str) -> None:
    if tokens > max_tokens:
        raise TooLongError(f"{what} at least {tokens} tokens; max_tokens is {max_tokens}")
