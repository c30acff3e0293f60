"""Updates: the gradient is that of the formula and does not depend on how it is cut up."""

import copy
from typing import Any

import pytest
import torch
from accelerate import Accelerator

from trainer.credit import Row
from trainer.errors import DivergedError
from trainer.rollout.transformers import sample
from trainer.update import Updater


def rows_of(model: Any, tokenizer: Any) -> list[Row]:
    rollouts = sample(model, tokenizer, ["one", "two plus", "3"], 3, seed=1, max_response_tokens=7)
    rows = []
    for index, rollout in enumerate(rollouts):
        length = len(rollout.response_ids) - index % 3  # lengths differ
        short = copy.copy(rollout)
        object.__setattr__(short, "response_ids", rollout.response_ids[:length])
        object.__setattr__(short, "log_probabilities", rollout.log_probabilities[:length])
        terms = [0.1 * (index - 4)] * length
        rows.append(Row(short, index // 3, terms[0], terms, [0.01] * length, 0.5))
    return rows


def updater(model: Any, settings: Any) -> Updater:
    accelerator = Accelerator(cpu=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    model, optimizer = accelerator.prepare(model, optimizer)
    return Updater(accelerator, model, optimizer, settings)


def weights(model: Any) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def after(model: Any, rows: list[Row], settings: Any, **options: Any) -> tuple[torch.Tensor, Any]:
    trained = copy.deepcopy(model)
    report = updater(trained, settings).update(rows, 0.5, **options)
    return weights(trained), report


def test_one_step_follows_the_gradient_of_the_mean_over_questions(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    found, report = after(model, rows, configure(optimizer__max_gradient_norm=1e9))
    plain = copy.deepcopy(model)
    loss = torch.zeros(())
    for group in range(3):
        of_group = [row for row in rows if row.group == group]
        total = sum(len(row.rollout.response_ids) for row in of_group)
        for row in of_group:
            ids = row.rollout.prompt_ids + row.rollout.response_ids
            logs = torch.log_softmax(plain(torch.tensor([ids])).logits[0], -1)[len(row.rollout.prompt_ids) - 1 : -1]
            chosen = logs.gather(-1, torch.tensor(row.rollout.response_ids)[:, None])[:, 0]
            ratio = (chosen - chosen.detach()).exp()
            loss = loss - (ratio * torch.tensor(row.advantages)).sum() / total / 3
    loss.backward()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter -= 0.5 * parameter.grad
    torch.testing.assert_close(found, weights(plain), atol=1e-6, rtol=1e-5)
    assert report.loss == pytest.approx(float(loss.detach()), abs=1e-6)
    assert report.tokens == sum(len(row.rollout.response_ids) for row in rows)
    assert report.clipped == 0


def test_trap_the_micro_batch_does_not_change_the_update(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    whole, one = after(model, rows, configure(objective__micro_batch_tokens=10_000))
    cut, many = after(model, rows, configure(objective__micro_batch_tokens=20))
    assert (one.micro_batches, many.micro_batches) == (1, 6)
    torch.testing.assert_close(whole, cut, atol=1e-6, rtol=1e-5)
    assert one.loss == pytest.approx(many.loss, abs=1e-6)
    assert one.gradient_norm == pytest.approx(many.gradient_norm, rel=1e-4)


def test_the_gradient_is_clipped_to_its_norm(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    found, report = after(model, rows, configure(optimizer__max_gradient_norm=1e-3))
    assert report.gradient_norm > 1e-2
    assert float((found - weights(model)).norm()) == pytest.approx(0.5 * 1e-3, rel=1e-2)


def test_minibatches_keep_groups_whole_and_use_the_snapshot(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    settings = configure(objective__minibatches=2)
    found, report = after(model, rows, settings)
    # Groups 0 and 1 first, then group 2 against the log-probabilities of the start.
    by_hand = copy.deepcopy(model)
    it = updater(by_hand, configure())
    old = it.snapshot(rows)
    it.update(rows[:6], 0.5, old[:6])
    it.update(rows[6:], 0.5, old[6:])
    torch.testing.assert_close(found, weights(by_hand), atol=1e-6, rtol=1e-5)
    assert report.mismatch < 1e-5


def test_more_minibatches_than_groups_are_as_many_as_groups(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    three, _ = after(model, rows, configure(objective__minibatches=3))
    nine, _ = after(model, rows, configure(objective__minibatches=9))
    assert torch.equal(three, nine)


def test_an_old_policy_far_away_is_clipped(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    old = [[log - 1.0 for log in logs] for logs in updater(model, configure()).snapshot(rows)]
    # Every ratio is e: tokens with a positive advantage get no gradient.
    _, report = after(model, rows, configure(), old=old)
    positive = sum(len(row.rollout.response_ids) for row in rows if row.advantages[0] > 0)
    assert report.clipped == pytest.approx(positive / report.tokens)
    assert report.mismatch == pytest.approx(1.0, abs=1e-4)


def test_no_rows_are_no_update(model: Any, configure: Any) -> None:
    found, report = after(model, [], configure())
    assert report is None
    assert torch.equal(found, weights(model))


def test_a_loss_that_is_not_finite_stops_before_the_step(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    rows[4].outcome_terms[0] = float("nan")
    before = weights(model).clone()
    with pytest.raises(DivergedError, match="loss nan"):
        updater(model, configure()).update(rows, 0.5)
    assert torch.equal(weights(model), before)
    assert all(parameter.grad is None for parameter in model.parameters())
