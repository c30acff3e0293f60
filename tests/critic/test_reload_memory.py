"""What reloads cost in memory, in a process of its own with a model that stands out."""

import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from transformers import Qwen2Config, Qwen2ForCausalLM

from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from tests.critic import made
from tests.soak.critic_load import forget_peak, peak, resident

_RELOADS = 8


@pytest.fixture(scope="module")
def large_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A critic of 150 MB."""
    config = Qwen2Config(
        hidden_size=768,
        intermediate_size=2304,
        num_hidden_layers=5,
        num_attention_heads=12,
        num_key_value_heads=12,
        max_position_embeddings=1024,
    )
    return made.make_critic(tmp_path_factory.mktemp("large") / "critic", Qwen2ForCausalLM, config, made.byte_level(), 1)


def settled(pid: int) -> int:
    """Resident memory once the checkpoint before is gone, which the answer to `Reload` does not wait for, bytes."""
    looks = []
    for _ in range(10):
        time.sleep(0.1)
        looks.append(resident(pid))
    return min(looks)


def test_reloads_take_memory_for_one_copy_more_and_give_it_back(large_dir: Path, tmp_path: Path) -> None:
    copy = (large_dir / "model.safetensors").stat().st_size
    assert copy > 140e6
    arguments = ["--checkpoint", str(large_dir), "--device", "cpu", "--threads", "1"]
    with (
        EmbeddedService.start("critic", arguments, timeout=120, log=tmp_path / "log") as service,
        grpc.insecure_channel(service.address) as channel,
    ):
        stub: Any = critic_pb2_grpc.CriticStub(channel)  # type: ignore[no-untyped-call]
        pid = service.process.pid
        prompt, response = made.solutions()[0]
        group = pb.StateGroup(prompt=prompt, responses=pb.Responses(responses=[pb.Response(text=response)] * 4))
        request = pb.EvaluateRequest(groups=[group])
        before = stub.Evaluate(request, timeout=60)
        for _ in range(2):  # what the first time leaves, caches and arenas, is not what is measured
            stub.Reload(pb.ReloadRequest(), timeout=60)
        forget_peak(pid)
        before_all = settled(pid)
        for _ in range(_RELOADS):
            running = stub.Evaluate.future(request, timeout=60)
            stub.Reload(pb.ReloadRequest(), timeout=60)
            assert running.result() == before
        after_all = settled(pid)
        print(f"\nmodel {copy / 1e6:.0f} MB, server {before_all / 1e6:.0f} MB, {after_all / 1e6:.0f} MB after", end=" ")
        print(f"{_RELOADS} reloads, {peak(pid) / 1e6:.0f} MB meanwhile")
        # One copy, and what passes and a tokenizer take meanwhile.
        assert peak(pid) - before_all < 1.5 * copy
        assert after_all - before_all < 0.3 * copy
