"""Gradient checkpointing keeps less and computes the same."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from codaserve.settings import ConfigurationError
from trainer.loop import train
from trainer.recompute import recompute_layers
from trainer.rollout.transformers import sample


def kept_bytes(model: Any, ids: Tensor) -> tuple[int, Tensor]:
    """What a forward pass keeps for its backward pass, and the loss."""
    kept = 0

    def count(tensor: Tensor) -> Tensor:
        nonlocal kept
        kept += tensor.numel() * tensor.element_size()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        loss = model(ids, use_cache=False).logits.square().mean()
    return kept, loss


def test_less_is_kept_and_the_gradients_are_the_same(model: Any) -> None:
    ids = torch.arange(1, 129).reshape(2, 64)
    plain, saving = model, copy.deepcopy(model)
    recompute_layers(saving)
    assert not saving.training
    whole, loss = kept_bytes(plain, ids)
    less, same = kept_bytes(saving, ids)
    assert less < 0.5 * whole
    assert torch.equal(loss, same)
    loss.backward()  # type: ignore[no-untyped-call]
    same.backward()  # type: ignore[no-untyped-call]
    for one, other in zip(plain.parameters(), saving.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_sampling_keeps_its_cache(model: Any, tokenizer: Any) -> None:
    options: dict[str, Any] = {"seed": 1, "max_response_tokens": 8}
    expected = sample(model, tokenizer, ["abc"], 2, **options)
    recompute_layers(model)
    assert sample(model, tokenizer, ["abc"], 2, **options) == expected


@pytest.mark.parametrize("changes", [{}, {"model__lora": {"rank": 2}}])
def test_a_run_is_the_same(configure: Any, tmp_path: Any, changes: dict[str, Any]) -> None:
    train(configure(steps=2, **changes))
    train(configure(steps=2, output_dir=tmp_path / "saving", model__gradient_checkpointing=True, **changes))
    weights = [(tmp_path / name / "model" / "model.safetensors").read_bytes() for name in ("run", "saving")]
    assert weights[0] == weights[1]


def test_a_model_without_layers_that_can_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"gradient_checkpointing: a Linear does not"):
        recompute_layers(torch.nn.Linear(1, 1))
