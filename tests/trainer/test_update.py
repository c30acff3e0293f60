"""Updates: the gradient is that of the formula and does not depend on how it is cut up."""

import copy
import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from accelerate import Accelerator

from trainer.credit import Row
from trainer.errors import DivergedError
from trainer.reference import load_reference
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
        rows.append(Row(short, index // 3, terms[0], terms, [0.01] * length, 0.5, True))
    return rows


def updater(model: Any, settings: Any) -> Updater:
    accelerator = Accelerator(cpu=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    model, optimizer = accelerator.prepare(model, optimizer)
    return Updater(accelerator, model, optimizer, settings, load_reference(settings, accelerator, model))


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


def silent(rows: list[Row]) -> list[Row]:
    """The same, the advantages of the first group and of one more row set to 0."""
    zero = [0, 1, 2, 5]
    return [replace(row, weight=0.0) if index in zero else row for index, row in enumerate(rows)]


def test_rows_without_advantage_get_no_pass_and_change_nothing(
    model: Any, tokenizer: Any, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = silent(rows_of(model, tokenizer))
    settings = configure(objective__minibatches=2)
    found, report = after(model, rows, settings)
    monkeypatch.setattr(Row, "pulls", True)
    whole, with_all = after(model, rows, settings)
    torch.testing.assert_close(found, whole, atol=1e-6, rtol=1e-5)
    assert (report.skipped, with_all.skipped) == (4, 0)
    assert report.tokens == with_all.tokens
    assert report.loss == pytest.approx(with_all.loss, abs=1e-6)


@pytest.mark.parametrize("changes", [{}, {"objective__minibatches": 2, "objective__kl": 0.1}], ids=["plain", "all"])
def test_an_update_may_begin_before_the_steps_are_known(
    model: Any, tokenizer: Any, configure: Any, changes: dict[str, Any]
) -> None:
    rows = rows_of(model, tokenizer)
    early = [replace(row, step_terms=[0.0] * len(row.step_terms)) for row in rows]
    settings = configure(objective__micro_batch_tokens=40, **changes)
    at_once, one = after(model, rows, settings)
    trained = copy.deepcopy(model)
    update = updater(trained, settings)
    other = update.update(rows, 0.5, begun=update.begin(early))
    assert torch.equal(weights(trained), at_once)
    assert other == one
    assert one.micro_batches > 1
    assert update.begin([]) is None


def test_the_optimizer_goes_on_where_no_row_has_an_advantage(model: Any, tokenizer: Any, configure: Any) -> None:
    # Momentum moves the weights as it does after a gradient of 0, whether that was computed or not.
    rows = rows_of(model, tokenizer)
    nothing = [replace(row, weight=0.0) for row in rows]
    trained = copy.deepcopy(model)
    accelerator = Accelerator(cpu=True)
    trained, optimizer = accelerator.prepare(trained, torch.optim.SGD(trained.parameters(), lr=1.0, momentum=0.5))
    it = Updater(accelerator, trained, optimizer, configure())
    it.update(rows, 0.5)
    first = weights(trained).clone()
    report = it.update(nothing, 0.5)
    torch.testing.assert_close(weights(trained) - first, (first - weights(model)) * 0.5, atol=1e-6, rtol=1e-4)
    assert report is not None
    assert (report.loss, report.gradient_norm, report.micro_batches, report.skipped) == (0, 0, 0, 9)
    assert report.mismatch is None


def test_the_divergence_is_added_to_the_loss_and_counts_every_row(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = silent(rows_of(model, tokenizer))
    away = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in away.parameters():
            parameter += 0.05 * torch.sin(torch.arange(parameter.numel(), dtype=torch.float32)).view_as(parameter)
    settings = configure(objective__kl=0.3, optimizer__max_gradient_norm=1e9)
    found, report = after(away, rows, settings)
    # By hand: the loss without it, and 0.3 times the mean over questions of the mean over tokens of r - 1 - log r.
    plain = copy.deepcopy(away)
    alone, without = after(away, rows, configure(optimizer__max_gradient_norm=1e9))
    distance = torch.zeros(())
    for group in range(3):
        of_group = [row.rollout for row in rows if row.group == group]
        total = sum(len(rollout.response_ids) for rollout in of_group)
        for rollout in of_group:
            ids = torch.tensor([rollout.prompt_ids + rollout.response_ids])
            begin, chosen = len(rollout.prompt_ids) - 1, torch.tensor(rollout.response_ids)[:, None]
            new, old = (torch.log_softmax(m(ids).logits[0], -1)[begin:-1].gather(-1, chosen) for m in (plain, model))
            log_r = old.detach() - new
            distance = distance + (log_r.exp() - 1 - log_r).sum() / total / 3
    distance.backward()  # type: ignore[no-untyped-call]
    gradient = torch.cat([p.grad.flatten() for p in plain.parameters()])
    torch.testing.assert_close(found, alone - 0.5 * 0.3 * gradient, atol=1e-6, rtol=1e-4)
    assert report.kl == pytest.approx(float(distance.detach()), rel=1e-4)
    assert report.kl > 0.01
    assert report.loss == pytest.approx(without.loss + 0.3 * report.kl, rel=1e-4)
    assert (report.skipped, without.skipped, without.kl) == (0, 4, None)


def test_an_unchanged_policy_has_no_divergence(model: Any, tokenizer: Any, configure: Any) -> None:
    _, report = after(model, rows_of(model, tokenizer), configure(objective__kl=1.0))
    assert report.kl == 0


def test_importance_weights_correct_what_the_sampler_computed_otherwise(
    model: Any, tokenizer: Any, configure: Any
) -> None:
    rows = rows_of(model, tokenizer)
    # The sampler says log p + ln 2 of the first group's tokens and log p - ln 8 of the others': weights 1/2 and, for 8,
    # the cap 2. Twice 1/4 and 1 of the advantages give the same update without weights.
    wrong = [log_shifted(row, math.log(2) if row.group == 0 else -math.log(8)) for row in rows]
    free = {"optimizer__max_gradient_norm": 1e9}
    found, report = after(model, wrong, configure(objective__importance_cap=2.0, **free))
    scaled = [replace(row, weight=row.weight * (0.5 if row.group == 0 else 2.0)) for row in rows]
    expected, _ = after(model, scaled, configure(**free))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    tokens = [
        sum(len(row.rollout.response_ids) for row in rows if (row.group == 0) == first) for first in (True, False)
    ]
    total = sum(tokens)
    assert report.importance_capped == pytest.approx(tokens[1] / total)
    assert report.mismatch == pytest.approx((tokens[0] * math.log(2) + tokens[1] * math.log(8)) / total, rel=1e-4)
    assert report.mismatch_ratio == pytest.approx((tokens[0] * 0.5 + tokens[1] * 8) / total, rel=1e-4)
    assert report.mismatch_max == pytest.approx(math.log(8), rel=1e-4)


def log_shifted(row: Row, shift: float) -> Row:
    logs = [log + shift for log in row.rollout.log_probabilities]
    return replace(row, rollout=replace(row.rollout, log_probabilities=logs))


def test_without_a_cap_the_mismatch_is_reported_and_changes_nothing(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    shifted, report = after(model, [log_shifted(row, -1.0) for row in rows], configure())
    assert torch.equal(shifted, after(model, rows, configure())[0])
    assert report.mismatch == pytest.approx(1.0, abs=1e-4)
    assert report.mismatch_ratio == pytest.approx(math.e, rel=1e-4)
    assert report.importance_capped is None


def test_the_upper_clip_reaches_the_loss(model: Any, tokenizer: Any, configure: Any) -> None:
    rows = rows_of(model, tokenizer)
    old = [[log - 0.25 for log in logs] for logs in updater(model, configure()).snapshot(rows)]
    # Every ratio is e^0.25 = 1.284: over 1.2 but not over 1.3.
    assert after(model, rows, configure(), old=old)[1].clipped > 0
    assert after(model, rows, configure(objective__clip_high=0.3), old=old)[1].clipped == 0
