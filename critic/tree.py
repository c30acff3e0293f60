"""Sequences that begin alike, put together so that their common beginning is computed once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from critic.encode import EncodedSequence

_SHARED_PARTS = 4
"""A tree may be this many times its common beginning, however small a pass is: a beginning that is computed again for
nearly every sequence would cost more than the larger pass."""


@dataclass(frozen=True)
class Tree:
    """Some sequences whose first `shared` tokens are the same; the rests are independent of each other.

    Attributes:
        sequences: At least one.
        shared: Tokens of the common beginning, at most the length of the shortest sequence.
    """

    sequences: tuple[EncodedSequence, ...]
    shared: int

    @property
    def tokens(self) -> int:
        """Tokens that are computed for it."""
        return self.shared + sum(len(sequence.tokens) - self.shared for sequence in self.sequences)


def grow(sequences: Sequence[EncodedSequence], max_tokens: int) -> list[list[int]]:
    """Divides sequences into trees of at most `max_tokens` tokens, each as many sequences as fit, in order.

    A single sequence that is longer is alone; a tree may have up to four times its common beginning.

    Returns:
        Indices into `sequences`, each once; `plant` makes the trees.
    """
    shared = common_beginning(sequences)
    bound = max(max_tokens, _SHARED_PARTS * shared)
    trees: list[list[int]] = []
    room = 0
    for index, sequence in enumerate(sequences):
        own = len(sequence.tokens) - shared
        if not trees or own > room:
            trees.append([])
            room = bound - shared
        trees[-1].append(index)
        room -= own
    return trees


def plant(sequences: Sequence[EncodedSequence]) -> Tree:
    """The tree of these sequences. A single one is all beginning."""
    return Tree(tuple(sequences), common_beginning(sequences))


def common_beginning(sequences: Sequence[EncodedSequence]) -> int:
    """Tokens that all of the sequences begin with."""
    least, greatest = min(s.tokens for s in sequences), max(s.tokens for s in sequences)  # what they share, all share
    return next((place for place, (a, b) in enumerate(zip(least, greatest, strict=False)) if a != b), len(least))
