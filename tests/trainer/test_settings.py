"""The configuration: defaults that follow from others, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from codaserve.settings import ConfigurationError, load
from trainer.settings import TrainerSettings

BASE = "output_dir: /tmp/run\nmodel: {path: policy}\ntasks: {file: tasks.jsonl}\n"


def loaded(tmp_path: Path, text: str, *arguments: str) -> TrainerSettings:
    path = tmp_path / "config.yaml"
    path.write_text(BASE + text)
    return load(TrainerSettings, list(arguments), prog="codaserve train", config=path)


def test_yaml_and_command_line_use_the_name_lambda(tmp_path: Path) -> None:
    text = "objective: {lambda: 0.2}\ncritic: {checkpoint: c}\n"
    assert loaded(tmp_path, text).objective.lambda_ == 0.2
    assert loaded(tmp_path, text, "--objective.lambda", "0.7").objective.lambda_ == 0.7


def test_python_may_use_either_name() -> None:
    keys: dict[str, Any] = {"output_dir": "o", "model": {"path": "p"}, "tasks": {"file": "t"}}
    assert TrainerSettings(**keys, objective={"lambda_": 0.0}).objective.lambda_ == 0
    assert TrainerSettings(**keys, objective={"lambda": 0.0}).objective.lambda_ == 0


def test_defaults_that_follow_from_others(tmp_path: Path) -> None:
    # B = 10: K = 10 / 4 = 2, and the focused batch has B groups.
    settings = loaded(tmp_path, "critic: {checkpoint: c}\nrollout: {questions: 10}\n")
    assert settings.top_k == 2
    assert settings.focused_groups == 10
    assert loaded(tmp_path, "critic: {checkpoint: c}\nrollout: {questions: 3}\n").top_k == 1


@pytest.mark.parametrize("text", ["objective: {lambda: 0}", "objective: {kind: grpo}", "critic: {enabled: false}"])
def test_no_critic_is_used_where_none_is_needed(tmp_path: Path, text: str) -> None:
    assert not loaded(tmp_path, text).uses_critic


def test_step_credit_without_a_critic_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"critic\.checkpoint or critic\.addresses"):
        loaded(tmp_path, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("objective: {lamda: 0}", "objective.lamda"),
        ("objective: {lambda: 2}", "objective.lambda"),
        ("evaluate: {file: e, temperature: 0, samples: 4}", "set samples to 1"),
        ("rollout: {group_size: 1}", "rollout.group_size"),
        ("evaluate: {file: e, dataset: d}", "either file or dataset"),
    ],
)
def test_mistakes_name_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        loaded(tmp_path, text + "\ncritic: {checkpoint: c}")


def test_training_questions_are_needed_and_the_template_has_their_place() -> None:
    with pytest.raises(ValidationError, match="give file or dataset"):
        TrainerSettings(output_dir=Path("o"), model={"path": "p"}, tasks={}, critic={"enabled": False})
    with pytest.raises(ValidationError, match="must contain"):
        TrainerSettings(
            output_dir=Path("o"),
            model={"path": "p"},
            tasks={"file": "t", "prompt_template": "Q:"},
            critic={"enabled": False},
        )


def test_offline_training_needs_data_and_a_critic_but_no_questions() -> None:
    keys: dict[str, Any] = {"output_dir": "o", "model": {"path": "p"}, "objective": {"kind": "dapo"}}
    with pytest.raises(ValidationError, match=r"dapo\.data"):
        TrainerSettings(**keys, critic={"checkpoint": "c"})
    with pytest.raises(ValidationError, match=r"critic\.checkpoint or critic\.addresses"):
        TrainerSettings(**keys, dapo={"data": "d"})
    assert not TrainerSettings(**keys, dapo={"data": "d"}, critic={"checkpoint": "c"}).tasks.given


def test_every_key_is_documented() -> None:
    def undocumented(model: Any, before: str = "") -> list[str]:
        found = []
        for name, field in model.model_fields.items():
            found += [] if field.description else [before + name]
            if hasattr(field.annotation, "model_fields"):
                found += undocumented(field.annotation, f"{before}{name}.")
        return found

    assert undocumented(TrainerSettings) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer__learning_rate": float("inf")},
        {"optimizer__learning_rate": float("nan")},
        {"optimizer__betas": (1.5, 0.9)},
        {"optimizer__betas": (0.9, -1.0)},
        {"codapo__delta": float("inf")},
        {"rollout__temperature": float("inf")},
    ],
)
def test_numbers_that_cannot_train_are_refused(configure: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes)).rpartition("__")[2]):
        configure(**changes)


def test_trackers_come_as_a_list_and_once(tmp_path: Path) -> None:
    critic = "critic: {checkpoint: c}\n"
    assert loaded(tmp_path, critic).tracking.trackers == ["tensorboard"]
    settings = loaded(tmp_path, critic, "--tracking.trackers", "wandb,tensorboard,wandb", "--tracking.offline")
    assert settings.tracking.trackers == ["wandb", "tensorboard"]
    assert settings.tracking.offline
    assert loaded(tmp_path, critic + "tracking: {trackers: []}\n").tracking.trackers == []


@pytest.mark.parametrize("text", ["{trackers: [mlflow]}", "{project: a/b}", "{project: ..}", "{name: x}"])
def test_trackers_and_projects_that_cannot_be(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="tracking"):
        loaded(tmp_path, f"critic: {{checkpoint: c}}\ntracking: {text}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{max_staleness: 1}", "needs the engine vllm"),
        ("{engine: vllm, top_p: 0.9}", "needs the engine transformers"),
        ("{engine: vllm, vllm: {transfer: nccl}}", "needs vllm.addresses"),
        ("{engine: vllm, max_staleness: 2}", "less than or equal to 1"),
    ],
)
def test_rollouts_that_no_engine_can_make(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        loaded(tmp_path, f"critic: {{checkpoint: c}}\nrollout: {text}\n")


def test_servers_come_as_a_list(tmp_path: Path) -> None:
    critic = "critic: {checkpoint: c}\n"
    arguments = ["--rollout.engine", "vllm", "--rollout.vllm.addresses", "a:1,b:2", "--rollout.vllm.arguments=--seed,1"]
    settings = loaded(tmp_path, critic, *arguments)
    assert settings.rollout.vllm.addresses == ["a:1", "b:2"]
    assert settings.rollout.vllm.arguments == ["--seed", "1"]
