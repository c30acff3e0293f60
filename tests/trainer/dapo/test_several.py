"""Offline training in two processes ends as in one, and goes on with one where two were killed."""

import os
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from codaserve.v1 import critic_pb2
from tests.trainer.killing import Moment, arm
from tests.trainer.several import Several
from tests.trainer.test_loop import lines
from tests.trainer.test_several import approximately, without_times
from trainer.dapo.train import train
from trainer.errors import CriticAwayError, PeerLostError
from trainer.settings import TrainerSettings


def trained(settings: TrainerSettings, folder: Path, killed: Moment | None = None) -> list[Any]:
    """What becomes of two processes, of which the second kills itself if it is told when."""
    return Several(_train, settings.model_dump_json(by_alias=True), killed, folder=folder).outcomes()


def _train(settings: str, killed: Moment | None) -> int:
    if killed is not None and os.environ["RANK"] == "1":
        arm(killed)
    return train(TrainerSettings.model_validate_json(settings)).steps


def assert_alike(one: Path, other: Path) -> None:
    first, second = lines(one / "metrics.jsonl"), lines(other / "metrics.jsonl")
    assert [line["kind"] for line in first] == [line["kind"] for line in second]
    for before, after in zip(first, second, strict=True):
        assert without_times(after) == approximately(without_times(before))
    weights = [load_file(folder / "model" / "model.safetensors") for folder in (one, other)]
    for name, before in weights[0].items():
        assert weights[1][name].numpy() == pytest.approx(before.numpy(), abs=2e-5), name


MANY = {"dapo__epochs": 2, "objective__micro_batch_tokens": 60}
"""Two parts of the triples, six steps, and several passes a step."""


def test_two_processes_train_as_one(offline: Any, tmp_path: Path, critic: Any) -> None:
    changes = {**MANY, "evaluate__file": tmp_path / "held_out.jsonl", "evaluate__every": 3}
    alone = offline(output_dir=tmp_path / "alone", **changes)
    train(alone)
    asked = len(critic.groups)
    together = offline(output_dir=tmp_path / "together", **changes)
    assert trained(together, tmp_path) == [6, 6]
    assert len(critic.groups) == 2 * asked
    assert_alike(alone.output_dir, together.output_dir)


def test_a_killed_process_ends_the_other_and_one_alone_goes_on(offline: Any, tmp_path: Path) -> None:
    whole = offline(output_dir=tmp_path / "whole", **MANY)
    train(whole)
    settings = offline(**MANY)
    outcomes = trained(settings, tmp_path, Moment("torch.optim:AdamW.step", 3))
    assert isinstance(outcomes[0], PeerLostError)
    assert outcomes[0].checkpoint == settings.output_dir / "checkpoints" / "step-00000002"
    assert outcomes[1] is None
    train(offline(resume=True, **MANY))
    assert_alike(whole.output_dir, settings.output_dir)


def test_all_stop_when_the_critic_of_one_is_away(offline: Any, tmp_path: Path, critic: Any) -> None:
    away = critic_pb2.CriticFailure(code=critic_pb2.CRITIC_FAILURE_UNAVAILABLE)
    critic.fail = lambda group: critic_pb2.GroupEvaluation(failure=away) if group.prompt > "3" else None
    settings = offline(critic__max_outage=0.3)
    outcomes = trained(settings, tmp_path)
    assert [type(outcome) for outcome in outcomes] == [CriticAwayError] * 2
    critic.fail = lambda group: None
    assert trained(offline(resume=True), tmp_path) == [3, 3]
