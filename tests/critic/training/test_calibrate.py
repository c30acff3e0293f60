import math

import pytest
import torch
from torch import nn

from critic.encode import EncodedSequence
from critic.model import ValueModel, hidden_layer_head
from critic.training.calibrate import calibrate, fit
from critic.training.examples import Example


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


LOGITS = [number / 50 for number in range(-200, 201)]


def test_the_scale_and_offset_that_were_lost_are_found() -> None:
    scale, offset = fit([sigmoid(2 * logit - 1) for logit in LOGITS], [sigmoid(logit) for logit in LOGITS])
    assert scale == pytest.approx(0.5, abs=0.02)
    assert offset == pytest.approx(0.5, abs=0.02)


def test_right_values_stay_and_without_states_nothing_is_changed() -> None:
    values = [sigmoid(logit) for logit in LOGITS]
    assert fit(values, values) == pytest.approx((1.0, 0.0), abs=1e-6)
    assert fit([], []) == (1.0, 0.0)


@pytest.mark.parametrize("values", [[0.0, 1.0], [0.1, 0.9] * 20, [0.999] * 5])
def test_values_that_are_all_wrong_give_a_finite_scale_above_0(values: list[float]) -> None:
    scale, offset = fit(values, [1 - round(value) for value in values])
    assert 0 < scale < 1
    assert math.isfinite(offset)


@pytest.mark.parametrize("head", [nn.Linear(4, 1), hidden_layer_head(4, 8)], ids=["linear", "hidden layer"])
def test_the_head_answers_the_calibrated_values(head: nn.Module) -> None:
    model = ValueModel.__new__(ValueModel)
    nn.Module.__init__(model)
    model.head = head
    hidden = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    before = head(hidden).squeeze(-1).detach()
    # The verified final state and the one without a label do not count.
    example = Example(EncodedSequence((1, 2, 3), (0, 1, 2)), (0.25, math.nan, 1.0), outcome=True)
    scale, offset = calibrate(model, [example], [before.sigmoid().tolist()])
    assert (scale, offset) == fit([float(before[0].sigmoid())], [0.25])
    assert torch.allclose(head(hidden).squeeze(-1), before * scale + offset, atol=1e-6)
