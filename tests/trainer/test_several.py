"""Two processes train as one does: the same rollouts, metrics and weights."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.trainer.several import trained
from tests.trainer.test_loop import lines
from trainer.loop import train

MANY = {"rollout__questions": 5, "evaluate__every": 1, "objective__micro_batch_tokens": 200}
"""An odd number of questions, and several passes an update."""


def assert_alike(one: Path, other: Path) -> None:
    """Everything that two runs leave is the same, numbers within the tolerance of float32."""
    for name in ("metrics.jsonl", "questions.jsonl", "samples.jsonl"):
        first, second = lines(one / name), lines(other / name)
        assert len(first) == len(second)
        for before, after in zip(first, second, strict=True):
            assert without_times(after) == approximately(without_times(before)), name
    first, second = (load_file(folder / "model" / "model.safetensors") for folder in (one, other))
    assert first.keys() == second.keys()
    for name, weights in first.items():
        assert second[name].numpy() == pytest.approx(weights.numpy(), abs=2e-5), name


def without_times(value: Any) -> Any:
    """Without what depends on the clock and on how the work was cut."""
    if isinstance(value, dict):
        left = {"timings", "seconds", "micro_batches"}
        return {key: without_times(item) for key, item in value.items() if key not in left}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def approximately(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: approximately(item) for key, item in value.items()}
    if isinstance(value, list):
        return [approximately(item) for item in value]
    return pytest.approx(value, rel=2e-4, abs=2e-6) if isinstance(value, float) else value


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"objective__kl": 0.1, "objective__minibatches": 2, "codapo__focused_policy": "before_update"},
        {"model__lora": {"rank": 2}, "objective__importance_cap": 2.0, "model__gradient_checkpointing": True},
    ],
    ids=["default", "early focused batch, divergence", "low rank"],
)
def test_two_processes_train_as_one(changes: dict[str, Any], configure: Any, tmp_path: Path, scorer: Any) -> None:
    alone = configure(output_dir=tmp_path / "alone", **MANY, **changes)
    train(alone)
    asked = Counter(item.math.response for item in scorer.items)
    scorer.items.clear()
    together = configure(output_dir=tmp_path / "together", **MANY, **changes)
    assert trained(together, tmp_path).outcomes() == [3, 3]
    assert Counter(item.math.response for item in scorer.items) == asked
    assert_alike(alone.output_dir, together.output_dir)
