"""A policy that is cut over two processes, by accelerate and with the shipped configuration, is trained as a whole."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from transformers import AutoModelForCausalLM

import trainer.loop
from codaserve.settings import ConfigurationError
from tests.trainer.killing import Moment, arm
from tests.trainer.several import Several
from tests.trainer.test_several import MANY, assert_alike
from trainer.assemble import _refuse_sharded, make_accelerator
from trainer.loop import train
from trainer.settings import TrainerSettings
from trainer.sharding import OPTIMIZER

CONFIGURATION = Path(__file__).parents[2] / "docs" / "examples" / "accelerate" / "8_gpus_fsdp.yaml"


def launched(settings: TrainerSettings) -> Accelerator:
    """Stands in for `make_accelerator`: accelerate takes its FSDP configuration for GPUs only."""
    for name, value in load_config_from_file(str(CONFIGURATION)).fsdp_config.items():
        os.environ[name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
    accelerator = make_accelerator(settings)
    accelerator.state.fsdp_plugin = FullyShardedDataParallelPlugin()
    AcceleratorState._shared_state["distributed_type"] = DistributedType.FSDP
    assert accelerator.is_fsdp2
    return accelerator


def train_cut(settings: str, moment: Moment | None = None) -> int:
    setattr(trainer.loop, "make_accelerator", launched)  # noqa: B010, the name is not for others
    if moment is not None:
        arm(moment)
    return train(TrainerSettings.model_validate_json(settings)).steps


def as_json(settings: TrainerSettings) -> str:
    return settings.model_dump_json(by_alias=True)


@pytest.mark.parametrize(
    "changes",
    [{}, {"objective__kl": 0.1, "objective__minibatches": 2, "codapo__focused_policy": "before_update"}],
    ids=["default", "early focused batch, divergence"],
)
def test_a_cut_policy_is_trained_as_a_whole_one(changes: dict[str, Any], configure: Any, tmp_path: Path) -> None:
    alone = configure(output_dir=tmp_path / "alone", **MANY, **changes)
    train(alone)
    together = configure(output_dir=tmp_path / "together", **MANY, **changes)
    assert Several(train_cut, as_json(together), folder=tmp_path).outcomes() == [3, 3]
    assert_alike(alone.output_dir, together.output_dir)
    assert (together.output_dir / "checkpoints" / "step-00000003" / OPTIMIZER).exists()  # it was cut
    # What is left is as any other policy's folder.
    model = AutoModelForCausalLM.from_pretrained(together.output_dir / "model")
    assert type(model).__name__ == "Qwen2ForCausalLM"
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


def test_a_killed_run_of_a_cut_policy_resumes(configure: Any, tmp_path: Path) -> None:
    whole = configure(output_dir=tmp_path / "whole")
    train(whole)
    settings = configure()
    last = Moment("trainer.checkpoint.put_in_place", 3)  # both are killed, in the last step
    Several(train_cut, as_json(settings), last, folder=tmp_path).outcomes()
    resumed = configure(resume=True)
    assert Several(train_cut, as_json(resumed), folder=tmp_path).outcomes() == [3, 3]
    assert_alike(whole.output_dir, settings.output_dir)


@pytest.mark.parametrize(
    ("version", "changes", "reason"),
    [
        (1, {}, "fsdp_version: 2"),
        (2, {"rollout__engine": "vllm", "rollout__vllm": {"addresses": ["h:1"]}}, "rollout.engine vllm"),
        (2, {"model__lora": {"rank": 2}}, "model.lora"),
    ],
)
def test_what_does_not_go_with_a_cut_policy_is_refused(
    version: int, changes: dict[str, Any], reason: str, configure: Any
) -> None:
    class Launched:
        is_fsdp2 = version == 2

    with pytest.raises(ConfigurationError, match=reason):
        _refuse_sharded(Launched(), configure(**changes))
