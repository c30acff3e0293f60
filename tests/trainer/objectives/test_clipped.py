"""The clipped objective: numbers worked by hand, and independence of the micro-batch."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.objectives.clipped import clipped_loss, token_shares


def test_a_question_is_averaged_over_all_of_its_tokens_then_questions_are_averaged() -> None:
    # Question 0 has responses of 1 and 3 tokens: each of its 4 tokens weighs 1/4; question 1 has 2 tokens: 1/2 each;
    # then half of each.
    assert token_shares([1, 3, 2], [0, 0, 1]) == [1 / 8, 1 / 8, 1 / 4]


def test_a_question_without_tokens_is_not_counted() -> None:
    assert token_shares([0, 2], [0, 1]) == [0.0, 0.5]


def loss(ratios: list[float], advantages: list[float], clip: float = 0.2) -> tuple[float, list[float], int]:
    """Of tokens with equal shares that sum to 1: the loss, its gradients by the log-probability, the clipped count."""
    old = torch.full((len(ratios),), -2.0)
    new = (old + torch.tensor(ratios).log()).requires_grad_()
    result = clipped_loss(new, old, torch.tensor(advantages), torch.full((len(ratios),), 1 / len(ratios)), clip=clip)
    result.loss.backward()  # type: ignore[no-untyped-call]
    assert new.grad is not None
    return float(result.loss.detach()), new.grad.tolist(), int(result.clipped)


def test_at_ratio_1_the_loss_is_the_negative_mean_advantage() -> None:
    # -(3 + -1) / 2 = -1; d/dlogp of rho A at rho = 1 is A, halved and negated.
    value, gradient, clipped = loss([1.0, 1.0], [3.0, -1.0])
    assert value == pytest.approx(-1.0)
    assert gradient == pytest.approx([-1.5, 0.5])
    assert clipped == 0


def test_the_clip_stops_a_gain_that_has_gone_far_enough() -> None:
    # rho = 2, A = 1: min(2, 1.2) = 1.2, no gradient. rho = 1/2, A = -1: min(-0.5, -0.8) = -0.8, no gradient.
    value, gradient, clipped = loss([2.0, 0.5], [1.0, -1.0])
    assert value == pytest.approx(-(1.2 - 0.8) / 2)
    assert gradient == pytest.approx([0.0, 0.0])
    assert clipped == 2


def test_the_clip_leaves_a_loss_its_gradient() -> None:
    # rho = 2, A = -1: min(-2, -1.2) = -2. rho = 1/2, A = 1: min(0.5, 0.8) = 0.5. Gradient of -rho A / 2 is itself.
    value, gradient, clipped = loss([2.0, 0.5], [-1.0, 1.0])
    assert value == pytest.approx((2.0 - 0.5) / 2)
    assert gradient == pytest.approx([1.0, -0.25])
    assert clipped == 0


def test_the_upper_side_of_the_clip_may_be_another() -> None:
    # eps 0.2, eps_high 0.3, A = 1: rho 1.25 is inside and keeps its gradient, -1.25 / 2; rho 1.5 counts as 1.3.
    # Loss -(1.25 + 1.3) / 2. A = -1 at rho 0.75: the lower side is still 0.8, min(-0.75, -0.8) = -0.8.
    old = torch.full((2,), -2.0)
    new = (old + torch.tensor([1.25, 1.5]).log()).requires_grad_()
    half = torch.full((2,), 0.5)
    result = clipped_loss(new, old, torch.ones(2), half, clip=0.2, clip_high=0.3)
    result.loss.backward()  # type: ignore[no-untyped-call]
    assert float(result.loss.detach()) == pytest.approx(-1.275)
    assert new.grad is not None
    assert new.grad.tolist() == pytest.approx([-0.625, 0.0])
    assert int(result.clipped) == 1
    low = clipped_loss(old + math.log(0.75), old, -torch.ones(2), half, clip=0.2, clip_high=0.3)
    assert float(low.loss) == pytest.approx(0.8)


def test_weights_multiply_each_token_after_the_clip() -> None:
    # rho 1 and 2, A 3 and 1, weights 1/2 and 2: -(0.5 * 3 + 2 * 1.2) / 2 = -1.95; the first gradient is -0.5 * 3 / 2.
    old = torch.full((2,), -2.0)
    new = (old + torch.tensor([1.0, 2.0]).log()).requires_grad_()
    weights = torch.tensor([0.5, 2.0], requires_grad=True)
    result = clipped_loss(new, old, torch.tensor([3.0, 1.0]), torch.full((2,), 0.5), clip=0.2, weights=weights)
    result.loss.backward()  # type: ignore[no-untyped-call]
    assert float(result.loss.detach()) == pytest.approx(-1.95)
    assert new.grad is not None
    assert new.grad.tolist() == pytest.approx([-0.75, 0.0])
    assert weights.grad is None


def test_padding_adds_nothing_even_where_it_is_not_finite() -> None:
    new = torch.tensor([-1.0, -math.inf], requires_grad=True)
    result = clipped_loss(new, torch.tensor([-1.0, 0.0]), torch.tensor([2.0, 5.0]), torch.tensor([1.0, 0.0]), clip=0.2)
    result.loss.backward()  # type: ignore[no-untyped-call]
    assert float(result.loss.detach()) == -2.0
    assert new.grad is not None
    assert new.grad.tolist() == [-2.0, 0.0]


lengths_and_questions = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=10)


@settings(deadline=None)
@given(lengths_and_questions, st.integers(1, 10), st.integers(0, 2**16))
def test_trap_the_loss_does_not_depend_on_the_micro_batch(rows: list[tuple[int, int]], micro: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    shares = token_shares([length for length, _ in rows], [question for _, question in rows])
    tensors = [
        (
            torch.randn(length, generator=generator),
            torch.randn(length, generator=generator),
            torch.randn(length, generator=generator),
            torch.full((length,), share),
        )
        for (length, _), share in zip(rows, shares, strict=True)
    ]
    whole = clipped_loss(*(torch.cat(parts) for parts in zip(*tensors, strict=True)), clip=0.2).loss
    parts = [
        clipped_loss(*(torch.cat(piece) for piece in zip(*tensors[i : i + micro], strict=True)), clip=0.2).loss
        for i in range(0, len(tensors), micro)
    ]
    assert float(sum(parts)) == pytest.approx(float(whole), rel=1e-4, abs=1e-5)


@given(lengths_and_questions)
def test_shares_of_all_tokens_sum_to_1(rows: list[tuple[int, int]]) -> None:
    lengths = [length for length, _ in rows]
    shares = token_shares(lengths, [question for _, question in rows])
    assert sum(n * share for n, share in zip(lengths, shares, strict=True)) == pytest.approx(1)
