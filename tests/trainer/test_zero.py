"""A policy that DeepSpeed cuts over two processes, with the shipped configurations, is trained as a whole one.

Needs DeepSpeed: make test-deepspeed.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.commands.config.config_args import load_config_from_file
from transformers import AutoModelForCausalLM

from tests.trainer.killing import Moment, arm
from tests.trainer.several import Several
from tests.trainer.test_several import MANY, assert_alike
from trainer.loop import train
from trainer.settings import TrainerSettings
from trainer.sharding import OPTIMIZER

pytestmark = pytest.mark.deepspeed
CONFIGURATIONS = Path(__file__).parents[2] / "docs" / "examples" / "accelerate"


def train_cut(settings: str, stage: int, moment: Moment | None = None) -> int:
    """In one of the processes, as accelerate's launcher starts it."""
    given = load_config_from_file(str(CONFIGURATIONS / f"8_gpus_zero{stage}.yaml")).deepspeed_config
    names = {"zero_stage": "ZERO_STAGE", "zero3_init_flag": "ZERO3_INIT"}
    for name, value in given.items():
        os.environ[f"ACCELERATE_DEEPSPEED_{names.get(name, name.upper())}"] = str(value).lower()
    os.environ["ACCELERATE_USE_DEEPSPEED"] = "true"
    import deepspeed  # only where it is installed

    # Its messages through shared memory would be compiled first; gloo does the same.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    if moment is not None:
        arm(moment)
    return train(TrainerSettings.model_validate_json(settings)).steps


def as_json(settings: TrainerSettings) -> str:
    return settings.model_dump_json(by_alias=True)


@pytest.mark.parametrize("stage", [2, 3])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "objective__kl": 0.1,
            "objective__minibatches": 2,
            "codapo__focused_policy": "before_update",
            "model__gradient_checkpointing": True,
        },
    ],
    ids=["default", "early focused batch, divergence, layers computed again"],
)
def test_a_cut_policy_is_trained_as_a_whole_one(
    stage: int, changes: dict[str, Any], configure: Any, tmp_path: Path
) -> None:
    alone = configure(output_dir=tmp_path / "alone", **MANY, **changes)
    train(alone)
    together = configure(output_dir=tmp_path / "together", model__device="auto", **MANY, **changes)
    assert Several(train_cut, as_json(together), stage, folder=tmp_path).outcomes() == [3, 3]
    assert_alike(alone.output_dir, together.output_dir)
    assert (together.output_dir / "checkpoints" / "step-00000003" / OPTIMIZER).exists()  # it was cut
    # What is left is as any other policy's folder.
    model = AutoModelForCausalLM.from_pretrained(together.output_dir / "model")
    assert type(model).__name__ == "Qwen2ForCausalLM"
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


@pytest.mark.parametrize("stage", [2, 3])
def test_a_killed_run_of_a_cut_policy_resumes(stage: int, configure: Any, tmp_path: Path) -> None:
    whole = configure(output_dir=tmp_path / "whole")
    train(whole)
    settings = configure(model__device="auto")
    last = Moment("trainer.checkpoint.put_in_place", 3)  # both are killed, in the last step
    Several(train_cut, as_json(settings), stage, last, folder=tmp_path).outcomes()
    resumed = configure(resume=True, model__device="auto")
    assert Several(train_cut, as_json(resumed), stage, folder=tmp_path).outcomes() == [3, 3]
    assert_alike(whole.output_dir, settings.output_dir)
