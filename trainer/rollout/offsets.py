"""Which characters of a decoded response each of its tokens stands for."""

from collections.abc import Sequence
from typing import Any

REPLACEMENT = "\ufffd"
"""What decoders put for bytes that are no complete character yet."""
ANCHOR_TOKENS = 16
"""Decoding restarts after so many tokens, so that the cost grows with the length and not with its square."""


def decode(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of some tokens, special ones left out and no space tidied away."""
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


class TokenOffsets:
    """Computes `Rollout.token_ends`; remembers the text of each token that it has met."""

    def __init__(self, tokenizer: Any) -> None:
        """For responses of one tokenizer."""
        self._tokenizer = tokenizer
        self._pieces: dict[int, str] = {}

    def ends(self, ids: Sequence[int], text: str) -> list[int]:
        """The end of each token as an offset into `text`, which is `decode(ids)`; the last one is its length."""
        ends: list[int] = []
        total = 0
        for token in ids:
            total += len(self._piece(token))
            ends.append(total)
        if "".join(self._pieces[token] for token in ids) == text:
            return ends
        return self._walk(ids, text)

    def _piece(self, token: int) -> str:
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = decode(self._tokenizer, [token])
        return piece

    def _walk(self, ids: Sequence[int], text: str) -> list[int]:
        """For tokens whose texts do not simply add up: parts of characters, or spaces that depend on the neighbour."""
        ends: list[int] = []
        first, begin, last = 0, 0, 0  # decode(ids[first:]) is text[begin:]; last is the end so far
        complete = 0  # the end so far of whole characters
        for index in range(len(ids)):
            piece = decode(self._tokenizer, ids[first : index + 1])
            whole = text.startswith(piece, begin)
            if whole:
                complete = end = begin + len(piece)
            elif piece.endswith(REPLACEMENT):
                # Some decoders replace all bytes in a row, those of the whole characters before this one among them.
                end = max(begin + len(piece.rstrip(REPLACEMENT)), complete) + 1
            else:  # a fresh start lost a space or joined bytes otherwise: decode from the beginning
                end = len(decode(self._tokenizer, ids[: index + 1]))
            last = max(last, min(end, len(text)))
            ends.append(last)
            restart = index + 1 - first >= ANCHOR_TOKENS and whole and not piece.endswith(REPLACEMENT)
            if restart and self._continues(ids, index + 1, text, end):
                first, begin = index + 1, end
        if ends:
            ends[-1] = len(text)
        return ends

    def _continues(self, ids: Sequence[int], first: int, text: str, begin: int) -> bool:
        """Whether decoding may start at a token: what follows comes out as it does in the whole text."""
        piece = decode(self._tokenizer, ids[first : first + ANCHOR_TOKENS]).rstrip(REPLACEMENT)
        # Of nothing but spaces it cannot be told whether the first of them was lost.
        return bool(piece.strip(" ")) and text.startswith(piece, begin)
