"""The order of a transfer of weights, and its failures. The servers' side of NCCL is played by a group in memory."""

import base64
import contextlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.errors import RolloutError
from trainer.rollout.engine import Sampling
from trainer.rollout.vllm import remote
from trainer.rollout.vllm.engine import VllmEngine
from trainer.rollout.vllm.http import HttpError
from trainer.rollout.vllm.renewal import Policy
from trainer.rollout.vllm.settings import VllmRolloutSettings
from trainer.rollout.vllm.transfer import Transfer, policy_tensors

NAME = bytes(range(128))


class Group:
    """What is broadcast comes out of a queue."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[torch.Tensor] = queue.SimpleQueue()
        self.closed = False

    def broadcast(self, tensor: torch.Tensor) -> None:
        assert tensor.is_contiguous()
        self.sent.put(tensor.clone())

    def wait(self, seconds: float) -> None:
        assert seconds > 0

    def close(self) -> None:
        self.closed = True


def transfer(post: Callable[[str, Any], Any], group: Group, seconds: float = 30.0) -> Transfer:
    return Transfer(post, 2, NAME, lambda name, world: group, seconds)


def test_a_server_follows_the_policy_over_a_transfer(
    model: Any, tokenizer: Any, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group()
    joined: list[tuple[bytes, int]] = []
    monkeypatch.setattr(remote, "unique_id", lambda: NAME)

    def join(name: bytes, world: int, device: torch.device) -> Group:
        joined.append((name, world))
        return group

    monkeypatch.setattr(remote, "Communicator", join)
    usual = server.answer

    def answer(path: str, body: Any) -> Any:
        if path == "/get_world_size":
            return {"world_size": 1}
        if path == "/update_weights":
            told = body["update_info"]
            state = {}
            for name, dtype, shape in zip(told["names"], told["dtype_names"], told["shapes"], strict=True):
                state[name] = group.sent.get(timeout=30)
                assert (list(state[name].shape), str(state[name].dtype)) == (shape, f"torch.{dtype}")
            assert torch.equal(state["lm_head.weight"], state["model.embed_tokens.weight"])  # tied, and sent twice
            server.model.load_state_dict(state)
        if path == "/finish_weight_update":
            server.version = body["weight_version"]
        return usual(path, body)

    server.answer = answer
    settings = VllmRolloutSettings(addresses=[server.address], dtype="float32", transfer="nccl")
    policy = Policy(model, "", tokenizer, 1.0, 64, True, contextlib.nullcontext)
    with contextlib.closing(VllmEngine(settings, policy, tmp_path, print)) as engine:
        for version in (0, 1):
            engine.synchronise(version)  # proves it
            assert len(list(engine.sample(["a", "b"], 2, Sampling(1, 3)))) == 2
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.mul_(1.5)
    assert joined == [(NAME, 2)]
    assert group.closed
    paths = [path for path, _ in server.requests]
    assert paths.count("/init_weight_transfer_engine") == 1
    init = next(body for path, body in server.requests if path == "/init_weight_transfer_engine")["init_info"]
    assert init == {
        "nccl_unique_id_b64": base64.b64encode(NAME).decode(),
        "rank_offset": 1,
        "world_size": 2,
        "packed": False,
    }
    begin = paths.index("/pause")
    assert [path for path in paths[begin:] if path != "/weight_info"][:6] == [
        "/pause",
        "/start_weight_update",
        "/update_weights",
        "/finish_weight_update",
        "/reset_prefix_cache",
        "/resume",
    ]
    assert not (tmp_path / "rollout-weights").exists()


def test_a_server_that_refuses_is_not_waited_for(model: Any) -> None:
    group = Group()

    def post(path: str, body: Any) -> None:
        if path == "/update_weights":
            raise HttpError("status 500: no", retryable=True)

    with pytest.raises(HttpError, match="no"):
        transfer(post, group).send(policy_tensors(model), torch.float32, "1")
    assert group.closed


def test_weights_that_do_not_arrive_are_told_of_and_the_group_is_left(model: Any) -> None:
    group = Group()
    left = threading.Event()

    def wait(seconds: float) -> None:
        raise TimeoutError("not arrived")

    def close() -> None:
        left.set()

    group.wait, group.close = wait, close  # type: ignore[method-assign]

    def post(path: str, body: Any) -> None:
        if path == "/update_weights":
            assert left.wait(30)  # as the server's processes, which wait until the group is left

    with pytest.raises(RolloutError, match="did not get the weights: not arrived"):
        transfer(post, group).send(policy_tensors(model), torch.float32, "1")


def test_a_group_that_is_not_joined_in_time_is_an_error() -> None:
    never = threading.Event()

    def wait(name: bytes, world: int) -> Group:
        never.wait(60)
        return Group()

    with pytest.raises(RolloutError, match=r"not joined within 0\.1 s"):
        Transfer(lambda path, body: None, 1, NAME, wait, 0.1)
    never.set()

    def fail(name: bytes, world: int) -> Group:
        raise OSError("no NCCL")

    with pytest.raises(RolloutError, match=r"no group .* no NCCL"):
        Transfer(lambda path, body: None, 1, NAME, fail, 30.0)
