import math
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator

from critic.checkpoint import Critic
from critic.encode import EncodedSequence
from critic.training.errors import TrainingError
from critic.training.examples import Example
from critic.training.optimize import batches, optimize
from critic.training.settings import TrainSettings


def settings(**more: Any) -> TrainSettings:
    return TrainSettings(data=Path("d"), base=Path("b"), output=Path("o"), device="cpu", **more)


def example(length: int, *targets: float) -> Example:
    boundaries = tuple(range(length - len(targets), length))
    return Example(EncodedSequence(tuple(range(1, length + 1)), boundaries), targets, None)


EXAMPLES = [
    example(9, 0.5, 0.25, 1.0),
    example(3, 0.75),
    example(20, math.nan, 0.0),
    example(5, 0.5, 0.5, 0.5, 1.0),
    example(12, 0.125, math.nan, 1.0),
]


def one_update(lm_dir: Path, **more: Any) -> tuple[list[float], torch.Tensor]:
    critic = Critic.from_language_model(lm_dir)
    torch.nn.init.normal_(critic.model.head.get_parameter("weight"), generator=torch.Generator().manual_seed(0))
    options = settings(learning_rate=1e-3, warmup_share=0, **more)
    progress = list(optimize(critic.model, [EXAMPLES, EXAMPLES[:2]], options, Accelerator(cpu=True)))
    return [number for p in progress for number in (p.loss, p.grad_norm)], torch.cat(
        [parameter.detach().flatten() for parameter in critic.model.parameters()]
    )


def test_the_update_does_not_depend_on_the_micro_batches(lm_dir: Path) -> None:
    numbers, weights = one_update(lm_dir, max_tokens_per_pass=1000)
    for tokens in (1, 24):
        other_numbers, other_weights = one_update(lm_dir, max_tokens_per_pass=tokens)
        assert other_numbers == pytest.approx(numbers, rel=1e-4)
        # AdamW's first steps are about the learning rate in size, so this is a hundredth of an update at most.
        assert torch.allclose(weights, other_weights, atol=1e-5)


def test_the_loss_is_the_mean_over_labelled_boundaries(lm_dir: Path) -> None:
    # A new head says 0.5 everywhere, whose cross-entropy with any target is ln 2.
    critic = Critic.from_language_model(lm_dir)
    (progress,) = optimize(critic.model, [EXAMPLES], settings(), Accelerator(cpu=True))
    assert progress.loss == pytest.approx(math.log(2), abs=1e-6)
    assert progress.boundaries == 3 + 1 + 1 + 4 + 2


def test_the_head_has_its_own_learning_rate(lm_dir: Path) -> None:
    critic = Critic.from_language_model(lm_dir)
    before = [parameter.detach().clone() for parameter in critic.model.parameters()]
    options = settings(learning_rate=1e-9, head_learning_rate=0.1, warmup_share=0)
    list(optimize(critic.model, [EXAMPLES] * 2, options, Accelerator(cpu=True)))
    moved = {
        name: float((parameter.detach() - old).abs().max())
        for (name, parameter), old in zip(critic.model.named_parameters(), before, strict=True)
    }
    assert moved.pop("head.weight") > 0.05
    assert moved.pop("head.bias") > 0.01
    assert max(moved.values()) < 1e-6


def test_training_stops_when_the_loss_is_not_finite(lm_dir: Path) -> None:
    critic = Critic.from_language_model(lm_dir)
    torch.nn.init.constant_(critic.model.head.get_parameter("bias"), math.nan)
    with pytest.raises(TrainingError, match="update 1: loss nan"):
        list(optimize(critic.model, [EXAMPLES], settings(), Accelerator(cpu=True)))


def test_every_epoch_has_every_solution_once_in_an_order_of_the_seed() -> None:
    first = batches(EXAMPLES, settings(epochs=2, batch_solutions=2, seed=1))
    assert [len(batch) for batch in first] == [2, 2, 1, 2, 2, 1]
    for epoch in (first[:3], first[3:]):
        assert sorted(id(e) for batch in epoch for e in batch) == sorted(id(e) for e in EXAMPLES)
    assert first == batches(EXAMPLES, settings(epochs=2, batch_solutions=2, seed=1))
    assert first[:3] != first[3:] or first != batches(EXAMPLES, settings(epochs=2, batch_solutions=2, seed=2))
