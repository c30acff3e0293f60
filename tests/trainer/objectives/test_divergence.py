"""The divergence from a reference: numbers worked by hand."""

import math

import pytest
import torch

from trainer.objectives.divergence import divergence


def test_the_estimate_and_its_gradient() -> None:
    # r = reference / policy = 2 and 1/2: r - 1 - ln r = 1 - ln 2 = 0.306853 and ln 2 - 1/2 = 0.193147; their mean 0.25.
    # d/d(log policy) of r - 1 - ln r is 1 - r: -1 and 1/2, each halved.
    policy = torch.tensor([-2.0, -2.0], requires_grad=True)
    reference = torch.tensor([-2.0 + math.log(2), -2.0 - math.log(2)])
    found = divergence(policy, reference, torch.full((2,), 0.5))
    found.backward()  # type: ignore[no-untyped-call]
    assert float(found.detach()) == pytest.approx(0.25)
    assert policy.grad is not None
    assert policy.grad.tolist() == pytest.approx([-0.5, 0.25])


def test_it_is_0_where_both_agree_and_never_negative() -> None:
    same = torch.linspace(-9, 0, 50)
    assert float(divergence(same, same, torch.ones(50))) == 0
    generator = torch.Generator().manual_seed(0)
    policy, reference = -torch.rand(1000, generator=generator) * 9, -torch.rand(1000, generator=generator) * 9
    for one in range(0, 1000, 100):
        assert float(divergence(policy[one : one + 1], reference[one : one + 1], torch.ones(1))) >= 0


def test_its_mean_over_what_the_policy_samples_is_the_divergence() -> None:
    # Two outcomes, policy 1/4 and 3/4, reference 1/2 each, weighted by how often the policy samples them:
    # KL = 1/4 ln(1/2) + 3/4 ln(3/2) = 0.130812.
    policy, reference = torch.tensor([0.25, 0.75]), torch.tensor([0.5, 0.5])
    assert float(divergence(policy.log(), reference.log(), policy)) == pytest.approx(0.130812, abs=1e-6)


def test_padding_adds_nothing_and_a_far_token_stays_finite() -> None:
    policy = torch.tensor([-1.0, -math.inf, -1000.0], requires_grad=True)
    found = divergence(policy, torch.tensor([-1.0, 0.0, -1.0]), torch.tensor([1.0, 0.0, 1e-9]))
    found.backward()  # type: ignore[no-untyped-call]
    assert found.detach().isfinite()
    assert policy.grad is not None
    assert policy.grad.isfinite().all()
