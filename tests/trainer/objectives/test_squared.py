"""The squared loss against numbers worked by hand."""

import math

import pytest
import torch

from trainer.objectives.squared import pair_shares, squared_loss, step_log_probabilities


def test_two_pairs_worked_by_hand() -> None:
    # beta 0.5. Pair 1: A = 0.2, log pi = -1.0, log ref = -1.5: 0.2 / 0.5 - 0.5 = -0.1, squared 0.01.
    # Pair 2: A = -0.3, log pi = -2.0, log ref = -1.0: -0.6 + 1.0 = 0.4, squared 0.16.
    # L = 1/2 * (0.01 + 0.16) / 2 = 0.0425. dL/dlog pi = -(A / beta - ratio) / 2 = 0.05 and -0.2.
    new = torch.tensor([-1.0, -2.0], requires_grad=True)
    result = squared_loss(
        new, torch.tensor([-1.5, -1.0]), torch.tensor([0.2, -0.3]), torch.tensor(pair_shares([1, 1])), beta=0.5
    )
    result.loss.backward()  # type: ignore[no-untyped-call]
    assert result.loss.item() == pytest.approx(0.0425)
    assert result.ratios.tolist() == pytest.approx([0.5, -1.0])
    assert new.grad is not None
    assert new.grad.tolist() == pytest.approx([0.05, -0.2])


def test_weighted_pairs_worked_by_hand() -> None:
    # The same pairs with weights 0.3 and 1.1: L = 1/2 * (0.3 * 0.01 + 1.1 * 0.16) / 2 = 0.04475.
    result = squared_loss(
        torch.tensor([-1.0, -2.0]), torch.tensor([-1.5, -1.0]), torch.tensor([0.2, -0.3]),
        torch.tensor(pair_shares([0.3, 1.1])), beta=0.5,
    )  # fmt: skip
    assert result.loss.item() == pytest.approx(0.04475)


def test_the_loss_is_0_where_the_ratio_is_the_advantage_over_beta() -> None:
    # A = 0.01, beta = 0.01: log ratio 1, so pi is e times pi_ref.
    reference = torch.tensor([-4.0])
    result = squared_loss(reference + 1, reference, torch.tensor([0.01]), torch.ones(1), beta=0.01)
    assert result.loss.item() == pytest.approx(0.0, abs=1e-10)


def test_a_reference_policy_starts_at_half_the_mean_square_of_a_over_beta() -> None:
    # A = +-0.05 and beta = 0.01: 1/2 * 5^2 = 12.5.
    same = torch.tensor([-3.0, -7.0])
    result = squared_loss(same, same, torch.tensor([0.05, -0.05]), torch.tensor(pair_shares([1, 1])), beta=0.01)
    assert result.loss.item() == pytest.approx(12.5)


def test_parts_add_up_to_the_whole() -> None:
    generator = torch.Generator().manual_seed(0)
    new, reference, advantages = (torch.randn(7, generator=generator) for _ in range(3))
    shares = torch.tensor(pair_shares([0.5, 1, 2, 1, 1, 0.1, 3]))

    def loss(part: slice) -> float:
        return squared_loss(new[part], reference[part], advantages[part], shares[part], beta=0.1).loss.item()

    assert loss(slice(0, 3)) + loss(slice(3, 4)) + loss(slice(4, 7)) == pytest.approx(loss(slice(0, 7)), rel=1e-5)


def test_a_step_is_the_sum_of_its_tokens_whatever_the_padding_is() -> None:
    # ln 1/2 + ln 1/4 = ln 1/8; a step of one token is that token.
    tokens = torch.tensor([[math.log(0.5), math.log(0.25), -math.inf], [-1.5, math.nan, 3.0]], requires_grad=True)
    sums = step_log_probabilities(tokens, [2, 1])
    assert sums.tolist() == pytest.approx([math.log(1 / 8), -1.5])
    sums.sum().backward()  # type: ignore[no-untyped-call]
    assert tokens.grad is not None
    assert tokens.grad.tolist() == [[1, 1, 0], [1, 0, 0]]
