"""The critic's queue when it is full."""

import asyncio
import math
from pathlib import Path

import grpc
import pytest

from codaserve.serving.access.client import Client
from codaserve.serving.metrics import REGISTRY
from codaserve.serving.refusal import Refused
from codaserve.v1 import critic_pb2 as pb
from tests.critic.test_service import LIMITS, Gate, group, serving, until


async def test_a_full_queue_refuses_with_a_hint_and_starts_nothing(critic_dir: Path) -> None:
    gates: list[Gate] = []
    async with serving(critic_dir, prepare=lambda service: gates.append(Gate(service))) as (stub, _):
        gate = gates[0]
        waiting = asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[group("a")] * 4), timeout=30))
        await asyncio.to_thread(gate.started.wait, 20)
        assert (await stub.Info(pb.CriticInfoRequest(), timeout=30)).queue_depth == 4
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Evaluate(pb.EvaluateRequest(groups=[group("b")] * 3), timeout=30)
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        trailer = dict(caught.value.trailing_metadata() or ())
        assert int(trailer["retry-after-ms"]) > 0
        gate.open.set()
        assert len((await waiting).evaluations) == 4
        assert len((await stub.Evaluate(pb.EvaluateRequest(groups=[group("b")] * 3), timeout=30)).evaluations) == 3


async def test_a_stream_is_told_of_a_full_queue_group_by_group(critic_dir: Path) -> None:
    gates: list[Gate] = []
    async with serving(critic_dir, prepare=lambda service: gates.append(Gate(service))) as (stub, _):
        gate = gates[0]
        waiting = [
            asyncio.ensure_future(stub.Evaluate(pb.EvaluateRequest(groups=[group("a")] * 3), timeout=30))
            for _ in range(2)
        ]
        await asyncio.to_thread(gate.started.wait, 20)
        await until(stub, lambda depth: depth == 6)
        (evaluation,) = [e async for e in stub.EvaluateStream(iter([group("b", id="x")]), timeout=30)]
        assert (evaluation.id, evaluation.failure.code) == ("x", pb.CRITIC_FAILURE_OVERLOADED)
        assert evaluation.failure.retryable
        assert evaluation.failure.retry_after_ms > 0
        gate.open.set()
        await asyncio.gather(*waiting)


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("codaserve_critic_refused_total", {"reason": reason}) or 0.0


async def test_tokens_fill_the_queue_before_groups_do(critic_dir: Path) -> None:
    gates: list[Gate] = []
    before = refused("tokens")
    limits = LIMITS.model_copy(update={"max_queue_tokens": 100})
    async with serving(critic_dir, limits=limits, prepare=lambda service: gates.append(Gate(service))) as (
        stub,
        service,
    ):
        gate = gates[0]
        large = pb.EvaluateRequest(groups=[group("a" * 90, "b" * 90)])
        waiting = asyncio.ensure_future(stub.Evaluate(large, timeout=30))  # larger than the queue, which is empty
        await asyncio.to_thread(gate.started.wait, 20)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Evaluate(pb.EvaluateRequest(groups=[group("b")]), timeout=30)
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert int(dict(caught.value.trailing_metadata() or ())["retry-after-ms"]) > 0
        (evaluation,) = [e async for e in stub.EvaluateStream(iter([group("b", id="x")]), timeout=30)]
        assert (evaluation.failure.code, evaluation.failure.retryable) == (pb.CRITIC_FAILURE_OVERLOADED, True)
        assert evaluation.failure.retry_after_ms > 0
        assert "limits.max_queue_tokens" in evaluation.failure.message
        assert refused("tokens") == before + 2  # in the call and in the stream
        assert (await stub.Info(pb.CriticInfoRequest(), timeout=30)).queue_depth == 1
        gate.open.set()
        await waiting
        assert (service._admission.depth, service._tokens.depth) == (0, 0)
        for _ in range(3):
            await stub.Evaluate(large, timeout=30)


async def test_who_has_more_than_a_share_is_told_when_to_come_back_though_there_is_room(critic_dir: Path) -> None:
    limits = LIMITS.model_copy(update={"max_queue": 8, "max_groups": 4})
    async with serving(critic_dir, limits=limits) as (_, service):
        assert service._admission.try_admit(1, "token:b")
        assert service._admission.try_admit(5, "token:a")
        with pytest.raises(Refused, match=r"limits\.max_queue") as caught:
            service._admit(Client("token:a"), [group("a")], math.inf)
        assert (caught.value.retry_after_ms or 0) > 0
