from typing import Any

import pytest
import torch

from bench.reproduce.gradients import DELTA, OfGroup, of_batches, of_group
from codaserve.v1 import scorer_pb2 as pb
from tests.tiny import byte_tokenizer
from tests.trainer.conftest import tiny_model
from trainer.codapo.values import normalised_advantages
from trainer.groups import Answer, Group
from trainer.objectives.clipped import clipped_loss, token_shares
from trainer.policy import log_probabilities, micro_batches
from trainer.rewards.marking import Score
from trainer.rollout.transformers import sample
from trainer.tasks import Question


def _group(model: Any, tokenizer: Any, right: list[bool]) -> Group:
    rollouts = sample(model, tokenizer, ["2+2="], len(right), seed=3, max_response_tokens=9)
    answers = [Answer(rollout, Score(one, float(one))) for rollout, one in zip(rollouts, right, strict=True)]
    return Group(Question("a", None, "2+2=", pb.ScoreItem()), answers)


def test_the_gradient_of_a_group_is_that_of_the_trainer_s_loss() -> None:
    tokenizer = byte_tokenizer()
    model = tiny_model(tokenizer)
    right = [True, False, False, True, False]
    group = _group(model, tokenizer, right)
    found = of_group(model, group)

    (batch,) = micro_batches(group.answers, 10_000, torch.device("cpu"))
    logs = log_probabilities(model, batch, 1.0)
    lengths = [len(answer.rollout.response_ids) for answer in group.answers]
    shares = token_shares(lengths, [0] * len(lengths))
    spread = (
        batch.spread([[one] * length for one, length in zip(values, lengths, strict=True)])
        for values in (normalised_advantages([float(one) for one in right]), shares)
    )
    loss = clipped_loss(logs, logs, *spread, clip=0.2).loss
    expected = torch.cat([-part.flatten() for part in torch.autograd.grad(loss, list(model.parameters()))])
    torch.testing.assert_close(found.objective, expected)
    assert group.value is not None and found.value == group.value.value


def test_correctness_is_the_mean_over_responses_with_the_others_as_baseline() -> None:
    # Of two responses, one right: the baseline of each is the other's correctness, so that the estimate is
    # (1/2) ((1 - 0) grad log p(right) + (0 - 1) grad log p(wrong)).
    tokenizer = byte_tokenizer()
    model = tiny_model(tokenizer)
    group = _group(model, tokenizer, [True, False])
    (batch,) = micro_batches(group.answers, 10_000, torch.device("cpu"))
    logs = log_probabilities(model, batch, 1.0)
    sums = {
        row: logs[place, : len(group.answers[row].rollout.response_ids)].sum() for place, row in enumerate(batch.rows)
    }
    parts = torch.autograd.grad(0.5 * (sums[0] - sums[1]), list(model.parameters()))
    torch.testing.assert_close(of_group(model, group).correctness, torch.cat([part.flatten() for part in parts]))


def test_all_right_has_no_gradient() -> None:
    tokenizer = byte_tokenizer()
    model = tiny_model(tokenizer)
    found = of_group(model, _group(model, tokenizer, [True, True]))
    assert found.value == 0 and not found.objective.any() and not found.correctness.any()


def question(value: float, place: int, count: int, groups: int = 5) -> list[OfGroup]:
    """Its gradient is a coordinate of its own; of its later groups, tenfold."""
    unit = torch.eye(count)[place]
    return [OfGroup(value, unit * (10.0 if number else 1.0), unit) for number in range(groups)]


def test_what_each_batch_is_made_of() -> None:
    values = [0.9, 0.0, 0.5, 0.2, 0.0, 0.0, 0.0, 0.8]  # K is 6, of which four are above 0: two groups each
    batch = [question(value, place, 16) for place, value in enumerate(values)]
    other = [question(0.5, place, 16) for place in range(8, 16)]
    found = of_batches(batch, other, seed=1)
    assert found["GRPO, one batch"].tolist() == pytest.approx([1 / 8] * 8 + [0] * 8)
    assert found["GRPO, two batches"].tolist() == pytest.approx([1 / 16] * 16)
    weighted = [(value + DELTA) / 16 for value in [*values, *[0.5] * 8]]
    assert found["weighted, two batches"].tolist() == pytest.approx(weighted)
    focused = [2 * 10 * (value + DELTA) / 8 if value else 0.0 for value in values]
    assert found["focused batch alone, K = 6"].tolist() == pytest.approx([*focused, *[0.0] * 8])
    both = [(one + (value + DELTA) / 8) / 2 for one, value in zip(focused, values, strict=True)]
    assert found["weighted batch and its focused batch, K = 6"].tolist() == pytest.approx([*both, *[0.0] * 8])


def test_a_focused_batch_for_which_there_are_too_few_groups_is_left_out() -> None:
    batch = [question(0.5 if place == 0 else 0.0, place, 16) for place in range(8)]
    found = of_batches(batch, batch, seed=1)
    assert not any("focused" in name for name in found)
