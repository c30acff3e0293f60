from dataclasses import replace
from pathlib import Path

import pytest

from bench.reproduce import variants
from bench.reproduce.families import FAMILIES, Family
from bench.reproduce.variants import Budget, Variant
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.settings import TrainerSettings

ONLINE = [replace(variants.GRPO, rate=0.01), replace(variants.WEIGHTING, rate=0.02)]
ONLINE += [replace(variants.SAMPLING, rate=0.02), variants.steps(0.3, 0.02)]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("variant", ONLINE, ids=lambda one: one.folder)
def test_online_variants_have_equal_rollouts_and_updates(variant: Variant, family: Family, tmp_path: Path) -> None:
    tasks = tmp_path / "train.jsonl", tmp_path / "held-out.jsonl"
    critic = tmp_path if variant.lambda_ else None
    settings = TrainerSettings.model_validate(
        variants.configuration(variant, family.budget, 1, tmp_path, tasks, critic, tmp_path / "run")
    )
    batches = settings.steps * (2 if settings.objective.kind == "codapo" and settings.codapo.sampling else 1)
    assert batches * settings.rollout.questions * settings.rollout.group_size == family.budget.rollouts
    assert family.budget.rollouts // batches == variants.QUESTIONS * variants.GROUP
    assert settings.focused_groups == settings.rollout.questions
    assert settings.steps == family.budget.evaluations * settings.evaluate.every
    assert settings.uses_critic == bool(variant.lambda_)


@pytest.mark.parametrize("iterations", [1, 2])
def test_offline_variants_are_those_of_dapo(iterations: int, tmp_path: Path) -> None:
    variant = variants.offline(0.1, iterations)
    tasks = tmp_path / "train.jsonl", tmp_path / "held-out.jsonl"
    settings = DapoLoopSettings.model_validate(
        variants.configuration(variant, Budget(2, 1), 1, tmp_path, tasks, tmp_path / "critic", tmp_path / "run")
    )
    assert (settings.iterations, settings.pairs.beta) == (iterations, 0.1)
    assert settings.critic.base == tmp_path / "critic"
    assert settings.critic.calibrate_base
    assert variant.model == f"iteration-0{iterations}/actor/model"


def test_variants_have_folders_of_their_own() -> None:
    every = [
        *ONLINE,
        variants.steps(0.15, 0.02),
        replace(variants.GRPO, rate=0.02),
        variants.offline(0.1, 1),
        variants.offline(0.1, 2),
    ]
    assert len({one.folder for one in every}) == len(every)
    assert variants.steps(0.15, 0.02).folder == "steps-lambda-0.15-rate-0.02"
