from pathlib import Path

import pytest

from codaserve.settings import load
from trainer.demo.settings import SHIPPED, DemoSettings
from trainer.demo.training import trainer_settings


def test_assets_ship_or_are_written_to_the_output() -> None:
    assert load(DemoSettings, [], prog="demo").assets_folder == SHIPPED
    scratch = load(DemoSettings, ["--from-scratch", "--output", "elsewhere"], prog="demo")
    assert scratch.assets_folder == Path("elsewhere/assets")
    given = load(DemoSettings, ["--from-scratch", "--assets", "kept"], prog="demo")
    assert given.assets_folder == Path("kept")


def test_sections_keep_their_other_defaults() -> None:
    settings = load(DemoSettings, ["--scratch.critic.questions", "3", "--refresh.keep", "1"], prog="demo")
    assert settings.scratch.critic.questions == 3
    assert settings.scratch.critic.completions == DemoSettings().scratch.critic.completions
    assert settings.refresh.keep == 1


def test_every_key_is_documented() -> None:
    for name, field in DemoSettings.model_fields.items():
        assert field.description, name


def test_the_trainer_gets_the_services_and_the_seed() -> None:
    settings = DemoSettings(seed=5, output=Path("out"))
    trainer = trainer_settings(settings, Path("policy"), "127.0.0.1:1", "127.0.0.1:2")
    assert trainer.seed == 5
    assert trainer.scorer.addresses == ["127.0.0.1:1"]
    assert trainer.critic.addresses == ["127.0.0.1:2"]
    assert trainer.objective.lambda_ == settings.step_credit
    assert trainer.uses_critic


def test_the_training_does_not_read_the_environment_of_codaserve_train(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = trainer_settings(DemoSettings(), Path("policy"), "127.0.0.1:1", "127.0.0.1:2")
    for name, value in {"STEPS": "7", "SEED": "9", "OPTIMIZER__LEARNING_RATE": "0.5"}.items():
        monkeypatch.setenv(f"CODASERVE_TRAINER_{name}", value)
    assert trainer_settings(DemoSettings(), Path("policy"), "127.0.0.1:1", "127.0.0.1:2") == usual
