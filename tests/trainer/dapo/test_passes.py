"""Both ways of computing log pi(a|s) of steps, beside rows alone."""

from typing import Any

import pytest
import torch
from accelerate import Accelerator

from trainer.dapo.pairs import Pair, StateAndStep
from trainer.dapo.passes import Passes, packs

# Three states, of one and of several steps; steps that begin alike, and one that is the beginning of another.
PAIRS = [
    Pair(StateAndStep(state, step))
    for state, steps in (
        ([9, 8, 7, 6, 5], [[1, 2, 3], [1, 2], [4]]),
        ([3], [[5, 5, 5, 5]]),
        ([9, 8, 7], [[6, 5, 1], [2, 9, 9, 1, 1, 1]]),
    )
    for step in steps
]


def alone(model: Any, pair: Pair, temperature: float) -> torch.Tensor:
    state, step = list(pair.rollout.prompt_ids), list(pair.rollout.response_ids)
    logits = model(torch.tensor([state + step])).logits[0, len(state) - 1 : -1] / temperature
    return torch.log_softmax(logits, -1).gather(-1, torch.tensor(step)[:, None]).sum()


def gradients(model: Any) -> list[torch.Tensor]:
    found = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    return found


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("max_tokens", [8, 1000])
def test_log_probabilities_and_gradients_are_those_of_rows_alone(model: Any, packed: bool, max_tokens: int) -> None:
    values = [alone(model, pair, 0.7) for pair in PAIRS]
    torch.stack(values).pow(2).sum().backward()  # type: ignore[no-untyped-call]
    expected = gradients(model)
    passes = Passes(Accelerator(cpu=True), model, packed=packed, temperature=0.7, max_tokens=max_tokens)
    assert passes.without_gradient(PAIRS) == pytest.approx([value.item() for value in values], abs=1e-4)
    seen: list[int] = []
    with passes.attention():
        for rows, sums in passes.forward(PAIRS):
            seen += rows
            sums.pow(2).sum().backward()  # type: ignore[no-untyped-call]
    assert sorted(seen) == list(range(len(PAIRS)))
    for mine, its in zip(gradients(model), expected, strict=True):
        torch.testing.assert_close(mine, its, atol=1e-4, rtol=1e-3)


def test_a_model_that_packs_has_its_own_attention_back_afterwards(model: Any) -> None:
    before = model.config._attn_implementation
    assert packs(model)
    assert model.config._attn_implementation == before


def test_a_model_that_ignores_where_steps_begin_is_found_out(model: Any) -> None:
    forward = model.forward

    def deaf(*arguments: Any, segments: Any = None, **options: Any) -> Any:
        return forward(*arguments, **options)

    model.forward = deaf
    assert not packs(model)


def test_a_model_that_does_not_know_packed_rows_is_none_that_packs(model: Any) -> None:
    def unknown(*arguments: Any, segments: Any = None, **options: Any) -> Any:
        raise TypeError("unexpected keyword argument 'segments'")

    model.forward = unknown
    assert not packs(model)
