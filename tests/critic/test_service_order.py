"""Whose groups are computed next, and which ones not any more."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from codaserve.serving.metrics import REGISTRY
from codaserve.v1 import critic_pb2 as pb
from critic.service import CriticService
from critic.settings import LimitSettings
from tests.critic.slow import slow_down
from tests.critic.test_service import Stub, group, serving

GREEDY, MODEST = ((("authorization", f"Bearer {name}-0123456789abcdef0123"),) for name in ("greedy", "modest"))
LATE = ("codaserve_critic_refused_total", {"reason": "late"})
PASS_TOKENS = 256
"""Of what `serving` serves."""


class Steps:
    """An engine that makes as many passes as it is let."""

    def __init__(self, service: CriticService) -> None:
        checkpoint = service._current.checkpoint
        self._inner, checkpoint.engine = checkpoint.engine, self
        self.device, self.best_pass_tokens = self._inner.device, PASS_TOKENS
        self.sizes: list[int] = []
        self.started = threading.Event()
        self._let = threading.Semaphore(0)

    def values(self, trees: Any) -> Any:
        self.sizes.append(len(trees))
        self.started.set()
        assert self._let.acquire(timeout=60)
        return self._inner.values(trees)

    def let(self, passes: int) -> None:
        self._let.release(passes)

    def close(self) -> None:
        self._inner.close()


@asynccontextmanager
async def stepping(
    critic_dir: Path, folder: Path, max_seconds: float = 7200.0
) -> AsyncIterator[tuple[Stub, CriticService, Steps]]:
    """A critic with two clients, and its engine. Who sets no deadline has two hours."""
    limits = LimitSettings(max_groups=32, max_responses=8, max_tokens=120, max_queue=64, max_seconds=max_seconds)
    tokens = folder / "tokens"
    tokens.write_text("greedy greedy-0123456789abcdef0123\nmodest modest-0123456789abcdef0123\n")
    found: list[Steps] = []
    async with serving(
        critic_dir, limits=limits, tokens=tokens, prepare=lambda service: found.append(Steps(service))
    ) as (stub, service):
        try:
            yield stub, service, found[0]
        finally:
            found[0].let(1000)


async def waiting(service: CriticService, groups: int) -> None:
    """Until so many groups wait for a pass."""
    async with asyncio.timeout(20):
        while True:
            if len(service._batcher._planner._waiting) == groups:
                return
            await asyncio.sleep(0.01)


def ask(stub: Stub, client: Any, *groups: pb.StateGroup, **options: Any) -> "asyncio.Future[pb.EvaluateResponse]":
    call: asyncio.Future[pb.EvaluateResponse] = asyncio.ensure_future(
        stub.Evaluate(pb.EvaluateRequest(groups=groups), metadata=client, **options)
    )
    return call


def large(id: str = "g") -> pb.StateGroup:
    """A group of 100 tokens, so that two make a pass."""
    return group("x" * 90, id=id)


async def held(stub: Stub, steps: Steps) -> "asyncio.Future[pb.EvaluateResponse]":
    """A group that is in a pass, which does not end before it is let."""
    first = ask(stub, GREEDY, large())
    assert await asyncio.to_thread(steps.started.wait, 20)
    return first


async def test_one_group_does_not_wait_for_all_those_of_another_client(critic_dir: Path, tmp_path: Path) -> None:
    async with stepping(critic_dir, tmp_path) as (stub, service, steps):
        first = await held(stub, steps)
        many = stub.EvaluateStream(iter([large(str(n)) for n in range(24)]), metadata=GREEDY, timeout=60)
        await waiting(service, 24)
        one = ask(stub, MODEST, large(), timeout=60)
        await waiting(service, 25)
        steps.let(2)  # the one that runs, and the next
        assert (await one).evaluations[0].WhichOneof("outcome") == "values"
        assert steps.sizes[:2] == [1, 2]
        steps.let(1000)
        assert len([evaluation async for evaluation in many]) == 24
        await first


async def test_what_would_begin_after_its_deadline_is_refused_when_it_comes(critic_dir: Path, tmp_path: Path) -> None:
    async with stepping(critic_dir, tmp_path) as (stub, service, steps):
        before = REGISTRY.get_sample_value(*LATE) or 0
        first = await held(stub, steps)
        many = ask(stub, GREEDY, *(large(str(n)) for n in range(10)))
        await waiting(service, 10)
        slow_down(service._batcher, service._current.checkpoint.engine, PASS_TOKENS)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Evaluate(pb.EvaluateRequest(groups=[large()]), metadata=GREEDY, timeout=60)
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "is longer than the" in (caught.value.details() or "")
        assert int(dict(caught.value.trailing_metadata() or ())["retry-after-ms"]) == 10_000
        call = stub.EvaluateStream(iter([large("x")]), metadata=GREEDY, timeout=60)
        (evaluation,) = [evaluation async for evaluation in call]
        assert (evaluation.failure.code, evaluation.failure.retryable) == (pb.CRITIC_FAILURE_OVERLOADED, True)
        assert evaluation.failure.retry_after_ms == 10_000
        assert (REGISTRY.get_sample_value(*LATE) or 0) == before + 2
        one = ask(stub, MODEST, large())  # of whom nothing waits
        await waiting(service, 11)
        steps.let(1000)
        for answer, count in ((first, 1), (many, 10), (one, 1)):
            found = (await answer).evaluations
            assert [evaluation.WhichOneof("outcome") for evaluation in found] == ["values"] * count


async def test_groups_that_would_be_late_are_not_computed(critic_dir: Path, tmp_path: Path) -> None:
    async with stepping(critic_dir, tmp_path, max_seconds=1800.0) as (stub, service, steps):
        first = await held(stub, steps)
        late = ask(stub, GREEDY, *(large(str(n)) for n in range(4)))
        await waiting(service, 4)
        slow_down(service._batcher, service._current.checkpoint.engine, PASS_TOKENS)
        steps.let(1000)
        await first
        *given_up, tried = (await late).evaluations
        for evaluation in given_up:
            assert (evaluation.failure.code, evaluation.failure.retryable) == (pb.CRITIC_FAILURE_DEADLINE, True)
            assert "too near" in evaluation.failure.message
        assert tried.WhichOneof("outcome") == "values"  # nobody waited any more
        assert steps.sizes == [1, 1]


async def test_of_a_call_that_cannot_be_answered_as_a_whole_nothing_is_computed(
    critic_dir: Path, tmp_path: Path
) -> None:
    async with stepping(critic_dir, tmp_path) as (stub, service, steps):
        first = await held(stub, steps)
        late = ask(stub, GREEDY, *(large(str(n)) for n in range(4)), timeout=60)
        await waiting(service, 4)
        others = ask(stub, MODEST, large())
        await waiting(service, 5)
        slow_down(service._batcher, service._current.checkpoint.engine, PASS_TOKENS)
        steps.let(1000)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await late
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert "before the values were known" in (caught.value.details() or "")  # the service's words, not the clock's
        for answer in (first, others):
            assert (await answer).evaluations[0].WhichOneof("outcome") == "values"
        assert steps.sizes == [1, 1]
