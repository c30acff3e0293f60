"""Training that computes in bfloat16."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file

from trainer.loop import train

BFLOAT16 = {"model__precision": "bfloat16", "objective__kl": 0.01}


@pytest.fixture(autouse=True)
def other_precision() -> Iterator[None]:
    """A process keeps the precision that it began with."""
    AcceleratorState._reset_state()
    yield
    AcceleratorState._reset_state()


def test_it_computes_in_bfloat16_and_keeps_weights_and_optimizer_in_float32(
    configure: Any, recorder: Any, monkeypatch: Any
) -> None:
    kinds = set()
    linear = torch.nn.functional.linear

    def seen(*arguments: Any, **options: Any) -> Any:
        result = linear(*arguments, **options)
        kinds.add(result.dtype)
        return result

    monkeypatch.setattr("torch.nn.functional.linear", seen)
    settings = configure(**BFLOAT16)
    train(settings, observers=[recorder])
    assert kinds == {torch.bfloat16}
    weights = load_file(settings.output_dir / "model" / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    folder = settings.output_dir / "checkpoints" / "step-00000003"
    moments = torch.load(folder / "optimizer.bin", weights_only=True)["state"]
    assert {state["exp_avg"].dtype for state in moments.values()} == {torch.float32}
    for step in recorder.steps:
        # A pass over whole responses rounds otherwise than one token after the other, in the third digit.
        assert 1e-6 < step.batch.update.mismatch < 0.1
        assert 0.9 < step.batch.update.mismatch_ratio < 1.1
        assert step.batch.update.mismatch_max < 1
    assert recorder.steps[0].batch.update.kl == 0


def test_a_run_resumes_to_the_same_bits(configure: Any, tmp_path: Path) -> None:
    train(configure(steps=2, **BFLOAT16))
    train(configure(steps=3, resume=True, **BFLOAT16))
    train(configure(output_dir=tmp_path / "whole", **BFLOAT16))
    weights = [(tmp_path / name / "model" / "model.safetensors").read_bytes() for name in ("run", "whole")]
    assert weights[0] == weights[1]
    last = [json.loads((tmp_path / name / "metrics.jsonl").read_text().splitlines()[-2]) for name in ("run", "whole")]
    assert last[0]["focused"]["update"] == last[1]["focused"]["update"]
