import math

import pytest
import torch

from critic.training.loss import soft_target_bce


def test_soft_target_loss_by_hand() -> None:
    # logit 0: V = 0.5, MC = 0.25: -(0.25 ln 0.5 + 0.75 ln 0.5)  = ln 2           = 0.693147
    # logit ln 3: V = 0.75, MC = 1: -ln 0.75                                       = 0.287682
    # logit ln 3: V = 0.75, MC = 0.5: -(0.5 ln 0.75 + 0.5 ln 0.25)                 = 0.836988
    logits = torch.tensor([0.0, math.log(3), math.log(3)])
    targets = torch.tensor([0.25, 1.0, 0.5])
    for index, expected in enumerate([0.693147, 0.287682, 0.836988]):
        loss = soft_target_bce(logits[index : index + 1], targets[index : index + 1])
        assert float(loss) == pytest.approx(expected, abs=1e-6)
    assert float(soft_target_bce(logits, targets)) == pytest.approx(0.693147 + 0.287682 + 0.836988, abs=1e-5)


def test_the_gradient_is_value_minus_target() -> None:
    logits = torch.tensor([0.0, math.log(3), 50.0, -50.0], requires_grad=True)
    soft_target_bce(logits, torch.tensor([0.25, 1.0, 0.0, 1.0])).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad.tolist() == pytest.approx([0.25, -0.25, 1.0, -1.0])


def test_a_boundary_without_label_adds_nothing() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
    loss = soft_target_bce(logits, torch.tensor([0.5, math.nan, math.nan]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == pytest.approx(math.log(2))
    assert logits.grad is not None
    assert logits.grad.tolist()[1:] == [0.0, 0.0]
    assert float(soft_target_bce(logits, torch.full((3,), math.nan)).detach()) == 0.0
