"""One row of tokens for any number of trees, without padding: which tokens see which, and where values are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from critic.tree import Tree


@dataclass(frozen=True)
class Segment:
    """Tokens [begin, end) of the row. Each sees those of its own segment up to itself, and all of [seen, seen_end).

    A common beginning sees nothing before it (seen == seen_end); a rest sees the common beginning of its tree.
    """

    begin: int
    end: int
    seen: int
    seen_end: int


@dataclass(frozen=True)
class Packed:
    """The row.

    Attributes:
        tokens: Token ids, (1, T) of int64.
        positions: Position of each token within its own sequence, (1, T) of int64.
        segments: Partition the row, in order.
        reads: Places in the row at which values are read, (N,) of int64: tree after tree, sequence after sequence,
            boundary after boundary.
    """

    tokens: Tensor
    positions: Tensor
    segments: tuple[Segment, ...]
    reads: Tensor


def pack(trees: Sequence[Tree], device: torch.device) -> Packed:
    """Lays trees end to end."""
    tokens: list[int] = []
    positions: list[int] = []
    segments: list[Segment] = []
    reads: list[int] = []
    for tree in trees:
        root = len(tokens)
        tokens += tree.sequences[0].tokens[: tree.shared]
        positions += range(tree.shared)
        if tree.shared:
            segments.append(Segment(root, len(tokens), root, root))
        for sequence in tree.sequences:
            begin = len(tokens)
            tokens += sequence.tokens[tree.shared :]
            positions += range(tree.shared, len(sequence.tokens))
            if len(tokens) > begin:
                segments.append(Segment(begin, len(tokens), root, root + tree.shared))
            offset = begin - tree.shared
            reads += [(root if place < tree.shared else offset) + place for place in sequence.boundaries]
    return Packed(
        torch.tensor([tokens], device=device),
        torch.tensor([positions], device=device),
        tuple(segments),
        torch.tensor(reads, device=device),
    )


_REMEMBERED = 2**18
"""Elements of a mask that is worth remembering. Making a larger one costs little beside the attention that it is for,
and some dozens of them would take gigabytes."""


def visible(queries: int, keys: int, window: int | None, device: torch.device) -> Tensor:
    """Which keys the last `queries` of `keys` tokens see, (queries, keys) of bool.

    Args:
        queries: Tokens that look.
        keys: Tokens up to and including the last of them.
        window: How many tokens back a token sees, itself included; None for all.
        device: Where.
    """
    make = _small_mask if queries * keys <= _REMEMBERED else _mask
    return make(queries, keys, window, device)


def _mask(queries: int, keys: int, window: int | None, device: torch.device) -> Tensor:
    seen = torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)
    return seen if window is None else seen.triu(keys - queries - window + 1)


_small_mask = lru_cache(maxsize=64)(_mask)
