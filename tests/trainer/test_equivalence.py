"""With everything off, CoDaPO is its baseline: the same loss, the same gradients, on a real model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch.optim.optimizer import register_optimizer_step_pre_hook

from trainer.codapo.values import GroupValue
from trainer.credit import training_rows
from trainer.groups import Group
from trainer.loop import train
from trainer.policy import load_policy
from trainer.update import Updater

OFF = {"objective__lambda_": 0.0, "codapo__delta": 0.0, "codapo__sampling": False}
RATE = 0.01
"""Of `configure`."""


@dataclass
class Seen:
    """What runs did."""

    gradients: list[list[torch.Tensor]] = field(default_factory=list)
    """Of every optimizer step."""
    groups: list[list[Group]] = field(default_factory=list)
    """Of every update."""


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    found = Seen()

    def before_step(optimizer: Any, *_: Any) -> None:
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        found.gradients.append([parameter.grad.clone() for parameter in parameters])

    def rows(groups: Any, settings: Any) -> Any:
        if groups and all(groups is not one for one in found.groups):  # asked for before and after the critic answers
            found.groups.append(groups)
        return training_rows(groups, settings)

    monkeypatch.setattr("trainer.step.training_rows", rows)
    handle = register_optimizer_step_pre_hook(before_step)
    yield found
    handle.remove()


@pytest.fixture
def every_value_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """v_q is 1, as for a question of difficulty 1/2 that is answered with confidence 1."""
    monkeypatch.setattr("trainer.groups.group_value", lambda logs, correct: GroupValue(1.0, 0.5, 1.0))


def equal(one: list[list[torch.Tensor]], other: list[list[torch.Tensor]]) -> bool:
    """The same gradients at the same steps, to the last bit."""
    return len(one) == len(other) and all(
        torch.equal(a, b) for ones, others in zip(one, other, strict=True) for a, b in zip(ones, others, strict=True)
    )


def losses(recorder: Any) -> list[float]:
    return [step.batch.update.loss for step in recorder.steps]


@pytest.mark.usefixtures("every_value_1")
def test_without_steps_delta_and_focus_and_with_values_of_1_it_is_grpo(
    configure: Any, recorder: Any, seen: Seen, tmp_path: Any
) -> None:
    train(configure(**OFF), observers=[recorder])
    codapo, of_codapo = losses(recorder), list(seen.gradients)
    recorder.steps.clear()
    seen.gradients.clear()
    train(configure(objective__kind="grpo", output_dir=tmp_path / "grpo"), observers=[recorder])
    assert losses(recorder) == codapo
    assert len(of_codapo) == 3
    assert all(float(sum(g.abs().sum() for g in gradients)) > 0 for gradients in of_codapo)
    assert equal(seen.gradients, of_codapo)


def test_the_values_are_what_makes_the_difference(configure: Any, seen: Seen, tmp_path: Any) -> None:
    train(configure(steps=1, **OFF))
    of_codapo = list(seen.gradients)
    seen.gradients.clear()
    train(configure(steps=1, objective__kind="grpo", output_dir=tmp_path / "grpo"))
    assert not equal(seen.gradients, of_codapo)


# With K the whole batch and as many groups as questions, each question is drawn again once.
@pytest.mark.usefixtures("every_value_1")
@pytest.mark.parametrize("policy", ["after_update", "before_update"])
def test_with_k_the_whole_batch_a_step_is_two_updates_of_grpo(
    configure: Any, recorder: Any, seen: Seen, policy: str, policy_dir: Any
) -> None:
    changes = OFF | {"codapo__sampling": True, "codapo__top_k": 4, "codapo__focused_policy": policy}
    settings = configure(steps=1, **changes)
    train(settings, observers=[recorder])
    first, second = seen.groups
    assert sorted(group.question.id for group in first) == sorted(group.question.id for group in second)
    of_codapo, reported = list(seen.gradients), recorder.steps[0]
    seen.gradients.clear()
    # The same answers, as two updates of the baseline from the same start.
    grpo = configure(objective__kind="grpo")
    model, updates = two_updates(first, second, grpo, policy_dir, apart=policy == "after_update")
    assert [update.loss for update in updates] == [reported.batch.update.loss, reported.focused.update.loss]
    assert len(of_codapo) == 2
    assert equal(seen.gradients, of_codapo)
    trained = load_file(settings.output_dir / "model" / "model.safetensors")
    assert all(torch.equal(weight, trained[name]) for name, weight in model.state_dict().items() if name in trained)


def two_updates(
    first: list[Group], second: list[Group], settings: Any, policy_dir: Any, *, apart: bool
) -> tuple[Any, list[Any]]:
    """Makes them; when the second's answers are of the policy before the first, against its log-probabilities."""
    accelerator = Accelerator(cpu=True)
    model, _ = load_policy(policy_dir, settings)
    make: Callable[..., Any] = torch.optim.AdamW
    optimizer = make(model.parameters(), lr=RATE, betas=settings.optimizer.betas, weight_decay=0.0)
    model, optimizer = accelerator.prepare(model, optimizer)
    updater = Updater(accelerator, model, optimizer, settings)
    rows, more = training_rows(first, settings), training_rows(second, settings)
    old = None if apart else updater.snapshot(more)
    return model, [updater.update(rows, RATE), updater.update(more, RATE, old)]
