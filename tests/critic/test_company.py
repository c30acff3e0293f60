"""The value of a state does not depend on what else is in the pass, and neither does its gradient."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from transformers import LlamaConfig, LlamaModel, MistralConfig, MistralModel, Qwen2Config, Qwen2Model

from critic.encode import EncodedSequence
from critic.engine.transformers import TransformersEngine
from critic.model import ValueModel
from critic.packing import pack
from critic.tree import Tree, grow, plant
from tests.critic.computing import values_of

TOLERANCE = 1e-5
HALF_TOLERANCE = 0.05
"""Of bfloat16, whose rounding differs with the shape of a pass, in a model of two layers."""
_VOCABULARY = 30
_SIZES = {
    "vocab_size": _VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}
_KINDS: dict[str, tuple[Any, Any]] = {
    "qwen2": (Qwen2Model, Qwen2Config(**_SIZES)),
    "llama": (LlamaModel, LlamaConfig(**_SIZES)),
    "mistral with a window": (MistralModel, MistralConfig(**_SIZES, sliding_window=5)),
}
kinds = pytest.mark.parametrize("kind", _KINDS)


def made(kind: str) -> tuple[Any, nn.Linear]:
    """A plain model, as transformers computes it, and a head."""
    model, config = _KINDS[kind]
    torch.manual_seed(4)
    backbone = model(config).eval()
    for parameter in backbone.parameters():  # with weights as small as new ones, states would hardly differ
        nn.init.normal_(parameter, 0, 0.25) if parameter.dim() > 1 else None
    head = nn.Linear(_SIZES["hidden_size"], 1)
    return backbone, head


@cache
def plain(kind: str) -> tuple[Any, nn.Linear]:
    """The reference, untouched by `ValueModel`."""
    return made(kind)


@cache
def model_of(kind: str) -> ValueModel:
    """Ours, with the same weights."""
    return ValueModel(*made(kind)).eval()


def reference(kind: str, sequence: EncodedSequence) -> list[float]:
    """Values from a plain forward pass over the sequence alone."""
    backbone, head = plain(kind)
    with torch.no_grad():
        hidden = backbone(torch.tensor([sequence.tokens]), use_cache=False).last_hidden_state[0]
        return [float(value) for value in torch.sigmoid(head(hidden[list(sequence.boundaries)])).squeeze(-1)]


tokens = st.lists(st.integers(0, _VOCABULARY - 1), max_size=14)


@st.composite
def groups(draw: st.DrawFn) -> list[EncodedSequence]:
    """Sequences with one prompt: empty responses, equal ones and ones that begin others among them."""
    prompt = tuple(draw(tokens.filter(bool)))
    rests = draw(st.lists(tokens, min_size=1, max_size=5))
    rests += draw(st.lists(st.sampled_from(rests), max_size=2))
    rests += [draw(st.sampled_from(rests))[: draw(st.integers(0, 14))] for _ in range(draw(st.integers(0, 2)))]
    return [_cut(draw, (*prompt, *rest), len(prompt)) for rest in rests]


def _cut(draw: st.DrawFn, whole: tuple[int, ...], prompt: int) -> EncodedSequence:
    inner = draw(st.lists(st.integers(prompt - 1, len(whole) - 1), max_size=3)) if len(whole) > prompt else []
    return EncodedSequence(whole, (prompt - 1, *sorted(inner), len(whole) - 1))


def in_passes(model: ValueModel, trees: Sequence[Tree], cut: int) -> list[list[list[float]]]:
    """Values of trees in two passes, divided at `cut`."""
    engine = TransformersEngine(model)
    parts = [part for part in (trees[:cut], trees[cut:]) if part]
    return [rows for part in parts for rows in engine.values(part)]


@kinds
@settings(max_examples=40, deadline=None)
@given(st.lists(groups(), min_size=1, max_size=4), st.integers(1, 60), st.integers(0, 4), st.randoms())
def test_a_value_is_the_same_alone_in_its_group_and_beside_others(
    kind: str, several: list[list[EncodedSequence]], budget: int, cut: int, order: random.Random
) -> None:
    trees = [plant([group[i] for i in chosen]) for group in several for chosen in grow(group, budget)]
    order.shuffle(trees)
    together = in_passes(model_of(kind), trees, cut)
    for tree, rows in zip(trees, together, strict=True):
        for sequence, row in zip(tree.sequences, rows, strict=True):
            wanted = reference(kind, sequence)
            assert row == pytest.approx(wanted, abs=TOLERANCE)
            assert values_of(model_of(kind), [sequence])[0] == pytest.approx(wanted, abs=TOLERANCE)


@kinds
def test_the_states_of_these_models_differ(kind: str) -> None:
    # Otherwise the comparisons above would say nothing.
    rows = [reference(kind, EncodedSequence((n, 1, 2), (0, 1, 2))) for n in range(_VOCABULARY)]
    for place in range(3):
        assert max(row[place] for row in rows) - min(row[place] for row in rows) > 0.2


@kinds
@settings(max_examples=20, deadline=None)
@given(groups())
def test_in_bfloat16_the_company_changes_little(kind: str, group: list[EncodedSequence]) -> None:
    half = half_of(kind)
    (together,) = TransformersEngine(half).values([plant(group)])
    for sequence, row in zip(group, together, strict=True):
        assert row == pytest.approx(values_of(half, [sequence])[0], abs=HALF_TOLERANCE)


@cache
def half_of(kind: str) -> ValueModel:
    """Ours, in bfloat16."""
    backbone, head = made(kind)
    return ValueModel(backbone.to(torch.bfloat16), head).eval()


@kinds
@settings(max_examples=15, deadline=None)
@given(st.lists(groups(), min_size=1, max_size=3))
def test_the_gradient_of_a_packed_batch_is_the_sum_of_those_of_its_sequences(
    kind: str, several: list[list[EncodedSequence]]
) -> None:
    model = model_of(kind)
    packed = _gradient(model, [plant(group) for group in several])
    single = sum(_gradient(model, [plant([sequence])]) for group in several for sequence in group)
    assert isinstance(single, torch.Tensor)
    assert torch.allclose(packed, single, rtol=1e-3, atol=1e-5 * float(single.abs().max()))
    assert float(single.abs().max()) > 0


def _gradient(model: ValueModel, trees: Sequence[Tree]) -> torch.Tensor:
    """Of the summed cross-entropy with 1 at the even boundaries and 0 at the odd ones; of all weights in one vector."""
    model.zero_grad()
    places = [place for tree in trees for sequence in tree.sequences for place in range(len(sequence.boundaries))]
    targets = torch.tensor([float(place % 2 == 0) for place in places])
    logits = model(pack(trees, torch.device("cpu")))
    torch.autograd.backward(nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum"))
    return torch.cat(
        [torch.zeros_like(p).flatten() if p.grad is None else p.grad.flatten() for p in model.parameters()]
    )
