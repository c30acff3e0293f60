import math

import pytest
import torch
from accelerate import Accelerator

from trainer.clipped_step import clipped_step, refuse_divergence
from trainer.errors import DivergedError


def _model(gradient: list[float]) -> tuple[torch.nn.Linear, torch.optim.SGD]:
    """Weights of 0, two of them, with a gradient."""
    model = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    model.weight.grad = torch.tensor([gradient])
    return model, torch.optim.SGD(model.parameters(), lr=1.0)


def test_a_long_gradient_is_made_as_short_as_the_limit() -> None:
    # (3, 4) has the norm 5; a tenth of it is left: the step is -(0.3, 0.4).
    model, optimizer = _model([3.0, 4.0])
    assert clipped_step(Accelerator(cpu=True), model, optimizer, 1.0, 0.5) == pytest.approx(5.0)
    assert model.weight.tolist()[0] == pytest.approx([-0.3, -0.4], rel=1e-4)
    assert model.weight.grad is None


@pytest.mark.parametrize(("loss", "gradient"), [(math.nan, 3.0), (math.inf, 3.0), (1.0, math.inf), (1.0, math.nan)])
def test_no_step_on_what_is_not_finite(loss: float, gradient: float) -> None:
    model, optimizer = _model([gradient, 4.0])
    norm = clipped_step(Accelerator(cpu=True), model, optimizer, loss, 0.5)
    assert model.weight.tolist() == [[0.0, 0.0]] and model.weight.grad is None
    with pytest.raises(DivergedError, match=r"lower optimizer\.learning_rate"):
        refuse_divergence(loss, norm)


def test_what_is_finite_goes_on() -> None:
    refuse_divergence(-1.0, 0.0)
