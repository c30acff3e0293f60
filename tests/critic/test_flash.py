import pytest
import torch
from torch import Tensor

from critic import flash
from critic.attention import attend
from critic.encode import EncodedSequence
from critic.flash import Layout, Pairs, attend_row, layout, merge
from critic.packing import Packed, pack
from critic.tree import plant

CPU = torch.device("cpu")


def by_hand(
    query: Tensor, key: Tensor, value: Tensor, pairs: Pairs, causal: bool, scale: float | None
) -> tuple[Tensor, Tensor]:
    """What the kernels are documented to compute, stretch by stretch."""
    results, weights = [], []
    groups = query.shape[1] // key.shape[1]
    ends = zip(pairs.query_ends.tolist(), pairs.key_ends.tolist(), strict=True)
    before = next(ends)
    for after in ends:
        (q0, k0), (q1, k1) = before, after
        before = after
        keys, values = (tensor[k0:k1].repeat_interleave(groups, dim=1) for tensor in (key, value))
        products = torch.einsum("qhd,khd->hqk", query[q0:q1], keys) * (scale or query.shape[2] ** -0.5)
        if causal:
            assert q1 - q0 == k1 - k0
            products = products.masked_fill(torch.ones_like(products[0]).triu(1).bool(), -torch.inf)
        results.append(torch.einsum("hqk,khd->qhd", products.softmax(-1), values))
        weights.append(products.logsumexp(-1).transpose(0, 1))
        assert (q1 - q0, k1 - k0) <= (pairs.longest_query, pairs.longest_key)
    return torch.cat(results), torch.cat(weights)


def rows() -> dict[str, Packed]:
    def sequences(*parts: tuple[int, ...]) -> list[EncodedSequence]:
        return [EncodedSequence((7, 8, 9, *part), (0, 2 + len(part))) for part in parts]

    tree = plant(sequences((1, 2), (3,), (4, 5, 6)))
    other = plant(sequences((1,), ()))  # the second is all beginning
    alone = plant(sequences((5, 5, 5, 5)))
    return {
        "a tree": pack([tree], CPU),
        "one sequence": pack([alone], CPU),
        "sequences": pack([alone, alone], CPU),
        "trees and sequences": pack([alone, tree, other, tree, alone], CPU),
    }


@pytest.mark.parametrize("name", rows())
@pytest.mark.parametrize("scale", [None, 0.3])
def test_two_calls_give_what_segment_by_segment_gives(name: str, scale: float | None) -> None:
    row = rows()[name]
    tokens = row.tokens.shape[1]
    generator = torch.Generator().manual_seed(0)
    query, key, value = (2 * torch.randn(1, heads, tokens, 8, generator=generator) for heads in (4, 2, 2))
    wanted, _ = attend(torch.nn.Identity(), query, key, value, None, segments=row.segments, scaling=scale)
    q, k, v = (tensor[0].transpose(0, 1) for tensor in (query, key, value))
    given = attend_row(q, k, v, layout(row.segments, CPU), scale, by_hand)
    assert torch.allclose(given, wanted[0], atol=1e-5)


def test_parts_are_merged_without_overflow() -> None:
    one, other = torch.full((2, 1, 4), 1.0), torch.full((2, 1, 4), 3.0)
    large = torch.tensor([[1e4], [-1e4]])
    assert merge(one, large, other, torch.zeros(2, 1))[:, 0, 0].tolist() == [1.0, 3.0]
    assert merge(one, large, other, large)[:, 0, 0].tolist() == [2.0, 2.0]


def test_a_layout_is_made_once_for_all_layers_of_a_pass() -> None:
    row = rows()["a tree"]
    made: Layout = layout(row.segments, CPU)
    assert layout(row.segments, CPU) is made


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", rows())
def test_kernels_agree_with_segment_by_segment(name: str) -> None:
    device = torch.device("cuda")
    row = rows()[name]
    tokens = row.tokens.shape[1]
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(1, heads, tokens, 64, generator=generator) for heads in (16, 8, 8))
    wanted, _ = attend(torch.nn.Identity(), query, key, value, None, segments=row.segments)
    query, key, value = (tensor.to(device, torch.bfloat16) for tensor in (query, key, value))
    assert flash.usable(query, key, value, 0.0)
    given, _ = attend(torch.nn.Identity(), query, key, value, None, segments=row.segments)
    assert torch.allclose(given.float().cpu(), wanted, atol=0.05)
