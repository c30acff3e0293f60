"""Importance weights and the mismatch: numbers worked by hand."""

import math

import pytest
import torch

from trainer.objectives.importance import mismatch, truncated_weights

# The trainer's probabilities over the sampler's: 1/2, 1, 3, and e^1000, which no float holds.
SAMPLER = torch.tensor([-1.0, -1.0, -3.0, -1000.0])
TRAINER = torch.tensor([-1.0 - math.log(2), -1.0, -3.0 + math.log(3), 0.0])


def test_weights_are_the_ratio_up_to_the_cap() -> None:
    assert truncated_weights(TRAINER, SAMPLER, 2.0).tolist() == pytest.approx([0.5, 1.0, 2.0, 2.0])
    assert truncated_weights(TRAINER, SAMPLER, 4.0).tolist() == pytest.approx([0.5, 1.0, 3.0, 4.0])


def test_weights_have_no_gradient() -> None:
    assert not truncated_weights(TRAINER.clone().requires_grad_(), SAMPLER, 2.0).requires_grad


def test_the_mismatch_by_hand() -> None:
    # Of the first three: |differences| ln 2, 0, ln 3, in sum ln 6; ratios 1/2 + 1 + 3; the largest ln 3.
    found = mismatch(TRAINER, SAMPLER, torch.tensor([1.0, 1.0, 1.0, 0.0]))
    assert found.difference == pytest.approx(math.log(6))
    assert found.ratio == pytest.approx(4.5)
    assert found.largest == pytest.approx(math.log(3))


def test_a_ratio_that_no_float_holds_stays_a_number() -> None:
    found = mismatch(TRAINER, SAMPLER, torch.ones(4))
    assert found.largest == 1000
    assert found.ratio == pytest.approx(4.5 + math.exp(20), rel=1e-6)
