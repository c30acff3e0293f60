"""Attention of a whole packed row by kernels for sequences of different lengths, on CUDA devices.

Two calls for a row, whatever it holds: each segment with itself, and all rests of a tree with the tree's common
beginning, without copying its keys. Attention over keys in two parts is the mean of the parts' results weighted by the
sums of their exponentials, which the kernels give as logarithms (FlashAttention, arXiv 2205.14135, section 3.1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby

import torch
from torch import Tensor

from critic.packing import Segment

Attention = Callable[[Tensor, Tensor, Tensor, "Pairs", bool, float | None], tuple[Tensor, Tensor]]
"""Of queries (T, heads, size), keys and values (K, key heads, size), which keys each query sees, whether causally, and
a factor: the results, as the queries, and the logarithms of the sums of exponentials, (T, heads) of float32."""


@dataclass(frozen=True)
class Pairs:
    """Stretches of queries, and the stretch of keys that each of them sees; ends in int32, from 0 on.

    Attributes:
        query_ends: (N + 1,).
        key_ends: (N + 1,).
        longest_query: Tokens.
        longest_key: Tokens.
    """

    query_ends: Tensor
    key_ends: Tensor
    longest_query: int
    longest_key: int


@dataclass(frozen=True)
class Layout:
    """What a row's attention needs to know.

    Attributes:
        own: Each segment with itself.
        rests: Places in the row of tokens that see a common beginning, None where there are none.
        beginnings: Places of the tokens of those beginnings.
        shared: The rests of each tree with its beginning.
    """

    own: Pairs
    rests: Tensor | None
    beginnings: Tensor
    shared: Pairs


@lru_cache(maxsize=2)
def layout(segments: tuple[Segment, ...], device: torch.device) -> Layout:
    """The same for all layers of a pass, so that the device is told of it once."""
    lengths = [segment.end - segment.begin for segment in segments]
    trees = [
        (list(members), seen)
        for seen, members in groupby(segments, key=lambda segment: (segment.seen, segment.seen_end))
        if seen[0] < seen[1]
    ]
    rests = [place for members, _ in trees for member in members for place in range(member.begin, member.end)]
    beginnings = [place for _, seen in trees for place in range(*seen)]
    queries = [sum(member.end - member.begin for member in members) for members, _ in trees]
    keys = [end - begin for _, (begin, end) in trees]
    return Layout(
        _pairs(lengths, lengths, device),
        torch.tensor(rests, device=device) if rests else None,
        torch.tensor(beginnings, dtype=torch.int64, device=device),
        _pairs(queries, keys, device),
    )


def _pairs(queries: Sequence[int], keys: Sequence[int], device: torch.device) -> Pairs:
    query_ends, key_ends = (
        torch.tensor(list(accumulate(lengths, initial=0)), dtype=torch.int32, device=device)
        for lengths in (queries, keys)
    )
    return Pairs(query_ends, key_ends, max(queries, default=0), max(keys, default=0))


def usable(query: Tensor, key: Tensor, value: Tensor, dropout: float) -> bool:
    """Whether the kernels take this, and nobody wants a gradient, which would not go through the merged weights."""
    return (
        query.is_cuda
        and query.shape[0] == 1
        and query.dtype in (torch.bfloat16, torch.float16)
        and query.shape[3] == value.shape[3]
        and query.shape[3] % 8 == 0
        and query.shape[3] <= 256
        and dropout == 0
        and not (torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (query, key, value)))
        and torch.cuda.get_device_capability(query.device) >= (8, 0)
    )


def attend_row(
    query: Tensor, key: Tensor, value: Tensor, row: Layout, scale: float | None, attention: Attention | None = None
) -> Tensor:
    """Each segment's attention.

    Args:
        query: (T, heads, size).
        key: (T, key heads, size).
        value: (T, key heads, size).
        row: Its layout.
        scale: Factor of the products; None for one by the square root of the size.
        attention: What computes it; None for torch's kernels.

    Returns:
        (T, heads, size).
    """
    attention = attention or _kernels
    result, weight = attention(query, key, value, row.own, True, scale)
    if row.rests is None:
        return result
    seen, seen_weight = attention(
        query[row.rests], key[row.beginnings], value[row.beginnings], row.shared, False, scale
    )
    return result.index_copy(0, row.rests, merge(result[row.rests], weight[row.rests], seen, seen_weight))


def merge(one: Tensor, one_weight: Tensor, other: Tensor, other_weight: Tensor) -> Tensor:
    """Attention over two parts of the keys, from that over each.

    Args:
        one: (T, heads, size).
        one_weight: Logarithms of its sums of exponentials, (T, heads).
        other: As `one`.
        other_weight: As `one_weight`.
    """
    share = torch.sigmoid(one_weight.float() - other_weight.float()).unsqueeze(-1)
    return torch.lerp(other.float(), one.float(), share).to(one.dtype)


def _kernels(
    query: Tensor, key: Tensor, value: Tensor, pairs: Pairs, causal: bool, scale: float | None
) -> tuple[Tensor, Tensor]:
    from torch.nn.attention.varlen import AuxRequest, varlen_attn

    result, weight = varlen_attn(
        query,
        key,
        value,
        pairs.query_ends,
        pairs.key_ends,
        pairs.longest_query,
        pairs.longest_key,
        return_aux=AuxRequest(lse=True),
        scale=scale,
        window_size=(-1, 0) if causal else (-1, -1),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    # (heads, T), as the kernels have it and torch's shape inference for them says (torch 2.13).
    return result, weight.transpose(0, 1) if weight.shape == (query.shape[1], query.shape[0]) else weight
