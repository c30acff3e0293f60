"""The recipes and configurations of docs/examples run as they stand, with a tiny policy on a processor.

Only where things are and how large they are is overridden.
"""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.utils import DistributedType

from codaserve.settings import load
from critic.training.main import run as train_critic
from tests.trainer.several import Several
from tests.trainer.test_loop import lines
from trainer.collect.main import run as collect
from trainer.collect.settings import CollectSettings
from trainer.command import DONE
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.dapo.main import run as iterate
from trainer.main import run
from trainer.settings import TrainerSettings

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
RECIPES = EXAMPLES / "recipes"
QUESTIONS = 18


@pytest.fixture
def math(tmp_path: Path) -> Path:
    """A data set with the columns of the recipes'."""
    rows = [
        {"problem": f"{index} + 1 =", "answer": "1", "level": 1 + index % 5, "unique_id": f"q{index}", "subject": "x"}
        for index in range(QUESTIONS)
    ]
    folder = tmp_path / "math"
    folder.mkdir()
    for split, part in (("train", rows[2:]), ("test", rows[:2])):
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(part), folder / f"{split}.parquet")
    return folder


@pytest.fixture
def smaller(tmp_path: Path, policy_dir: Path, math: Path, scorer_server: Any, critic_server: Any) -> list[str]:
    """Overrides."""
    keys = {
        "output-dir": tmp_path / "run",
        "model.path": policy_dir,
        "model.device": "cpu",
        "tasks.dataset": math,
        "evaluate.dataset": math,
        "rollout.max-prompt-tokens": 128,
        "rollout.max-response-tokens": 8,
        "scorer.addresses": scorer_server.address,
        "critic.addresses": critic_server.address,
        "steps": 2,
    }
    return [word for key, value in keys.items() for word in (f"--{key}", str(value))]


def in_one_of_many(arguments: list[str], on_this_machine: int) -> int:
    os.environ["LOCAL_WORLD_SIZE"] = str(on_this_machine)
    return run(arguments)


@pytest.mark.parametrize(
    ("recipe", "processes", "on_this_machine"), [("1_gpu", 1, 1), ("8_gpus", 2, 2), ("2_machines", 2, 1)]
)
def test_a_recipe_trains(
    recipe: str, processes: int, on_this_machine: int, smaller: list[str], tmp_path: Path, scorer: Any
) -> None:
    arguments = [str(RECIPES / f"math_{recipe}.yaml"), *smaller]
    several = Several(in_one_of_many, arguments, on_this_machine, count=processes, folder=tmp_path)
    assert several.outcomes() == [DONE] * processes
    first, *steps, last = lines(tmp_path / "run" / "metrics.jsonl")
    assert (first["kind"], last["kind"]) == ("evaluation", "evaluation")
    assert [step["batch"]["rollouts"] for step in steps] == [16 * 8] * 2
    for step in steps:
        # K = B / 4 questions share as many fresh groups as the batch has questions.
        assert step["focused"] is not None
        assert step["focused"]["rollouts"] == 16 * 8
        assert step["batch"]["update"] is not None
        assert step["batch"]["critic_missing"] == {}
    drawn = [q["resampled"] for q in lines(tmp_path / "run" / "questions.jsonl") if q["batch"] == "first"]
    assert sorted(drawn[:16])[-4:] == [4] * 4
    assert sum(drawn[:16]) == 16


@pytest.mark.parametrize("recipe", ["1_gpu", "8_gpus", "2_machines"])
def test_a_recipe_has_the_settings_of_the_papers(recipe: str) -> None:
    settings = load(TrainerSettings, [], prog="test", config=RECIPES / f"math_{recipe}.yaml")
    rollout = settings.rollout
    assert (rollout.questions, rollout.group_size, rollout.temperature, rollout.top_p) == (16, 8, 1.0, 1.0)
    assert (rollout.max_prompt_tokens, rollout.max_response_tokens) == (1024, 3072)
    assert (settings.top_k, settings.focused_groups, settings.codapo.delta) == (4, 16, 0.1)
    objective = settings.objective
    assert (objective.clip, objective.clip_high, objective.kl, objective.minibatches) == (0.2, None, 0.0, 1)
    assert settings.optimizer.learning_rate == 1e-6
    assert settings.uses_critic


def test_the_critic_of_the_recipes_is_made(tmp_path: Path, policy_dir: Path, math: Path, scorer_server: Any) -> None:
    states, critic = tmp_path / "states", tmp_path / "critic"
    keys = {
        "output": states,
        "policy.path": policy_dir,
        "policy.device": "cpu",
        "policy.max-prompt-tokens": 128,
        "policy.max-response-tokens": 6,
        "tasks.dataset": math,
        "tasks.limit": 3,
        "scorer.addresses": scorer_server.address,
    }
    words = [word for key, value in keys.items() for word in (f"--{key}", str(value))]
    assert collect([str(RECIPES / "math_collect.yaml"), *words]) == 0
    keys = {"data": states, "base": policy_dir, "output": critic, "device": "cpu", "held-out-share": 0}
    words = [word for key, value in keys.items() for word in (f"--{key}", str(value))]
    assert train_critic(["--config", str(RECIPES / "math_critic.yaml"), *words]) == 0
    assert json.loads((critic / "report.json").read_text())["solutions"] == 3 * 6


def test_the_offline_recipe_trains(tmp_path: Path, policy_dir: Path, math: Path, scorer_server: Any) -> None:
    output = tmp_path / "dapo"
    keys = {
        "output": output,
        "model.path": policy_dir,
        "model.device": "cpu",
        "tasks.dataset": math,
        "tasks.limit": 2,
        "evaluate.dataset": math,
        "answers.max-prompt-tokens": 128,
        "answers.max-response-tokens": 6,
        "critic.base": policy_dir,
        "scorer.addresses": scorer_server.address,
    }
    words = [word for key, value in keys.items() for word in (f"--{key}", str(value))]
    assert iterate([str(RECIPES / "math_dapo.yaml"), *words]) == DONE
    entries = json.loads((output / "results.json").read_text())
    assert [[e["moment"] for e in entry["evaluations"]] for entry in entries] == [["before", "after"], ["after"]]
    for number, entry in enumerate(entries, 1):
        assert json.loads((output / f"iteration-0{number}" / "critic" / "report.json").read_text())["solutions"] > 0
        assert entry["triples"]["no_critic"] == {}
        assert "pairs" in [line["kind"] for line in lines(output / f"iteration-0{number}" / "actor" / "metrics.jsonl")]


def test_the_offline_recipe_has_the_settings_of_the_paper() -> None:
    settings = load(DapoLoopSettings, [], prog="test", config=RECIPES / "math_dapo.yaml")
    assert (settings.collect.solutions, settings.collect.keep, settings.collect.completions) == (32, 6, 16)
    critic = settings.critic
    assert (critic.learning_rate, critic.epochs, critic.batch_solutions) == (5e-6, 1, 64)
    pairs = settings.pairs
    assert (pairs.beta, pairs.threshold, pairs.batch_pairs, pairs.epochs) == (0.01, 0.1, 2048, 1)
    assert (pairs.truncated, pairs.weighting) == ("score", False)
    assert settings.optimizer.learning_rate == 5e-7


@pytest.mark.parametrize("recipe", ["8_gpus", "2_machines"])
def test_the_recipes_for_many_take_the_offline_objective(recipe: str) -> None:
    words = ["--objective.kind", "dapo", "--dapo.data", "runs/math-states", "--optimizer.learning-rate", "5e-7"]
    settings = load(TrainerSettings, words, prog="test", config=RECIPES / f"math_{recipe}.yaml")
    offline = load(DapoLoopSettings, [], prog="test", config=RECIPES / "math_dapo.yaml")
    collected = load(CollectSettings, [], prog="test", config=RECIPES / "math_collect.yaml")
    assert settings.dapo.data == collected.output
    assert settings.dapo.model_dump(exclude={"data"}) == offline.pairs.model_dump()
    assert settings.optimizer == offline.optimizer
    assert (settings.model, settings.tasks) == (offline.model, offline.tasks)


def test_the_example_of_the_trainer_is_a_configuration() -> None:
    settings = load(TrainerSettings, [], prog="test", config=EXAMPLES / "train.yaml")
    assert settings.uses_critic
    assert (settings.top_k, settings.focused_groups) == (4, 16)


@pytest.mark.parametrize(
    ("name", "kind", "machines", "processes"),
    [
        ("8_gpus", DistributedType.MULTI_GPU, 1, 8),
        ("8_gpus_fsdp", DistributedType.FSDP, 1, 8),
        ("8_gpus_zero2", DistributedType.DEEPSPEED, 1, 8),
        ("8_gpus_zero3", DistributedType.DEEPSPEED, 1, 8),
        ("2_machines", DistributedType.MULTI_GPU, 2, 16),
    ],
)
def test_accelerate_takes_its_configurations(name: str, kind: DistributedType, machines: int, processes: int) -> None:
    config = load_config_from_file(str(EXAMPLES / "accelerate" / f"{name}.yaml"))
    assert config.distributed_type == kind
    assert (config.num_machines, config.num_processes, config.mixed_precision) == (machines, processes, "no")
