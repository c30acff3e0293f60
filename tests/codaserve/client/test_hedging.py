"""Stragglers are asked for elsewhere too: one result for each item, and nobody waits for the slow address."""

import asyncio
import time
from collections import Counter
from typing import Any

import grpc
import pytest

from codaserve import AsyncScorerClient, RetryPolicy
from codaserve.client.run import Run
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, failure, items, right

HEDGED = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=20, hedge_after=0.05)
UNHEDGED = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=20)


class Stuck:
    """Never answers."""

    def __init__(self) -> None:
        self.under_way = 0
        self.begun = 0
        self.asked, self.all_given_up = asyncio.Event(), asyncio.Event()

    async def __call__(self, item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        self.begun += 1
        self.under_way += 1
        self.asked.set()
        self.all_given_up.clear()
        try:
            await asyncio.sleep(3600)
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.all_given_up.set()
        raise AssertionError


def answers(results: list[pb.ScoreResult]) -> list[str]:
    return [result.verdict.extracted for result in results]


async def test_what_one_address_sits_on_is_answered_by_the_other() -> None:
    stuck = Stuck()
    async with FakeScorer(stuck) as slow, FakeScorer() as quick:
        async with AsyncScorerClient([slow.address, quick.address], timeout=600, retry=HEDGED) as client:
            assert answers(await client.score(items(100))) == [str(i) for i in range(100)]
            assert client.hedges == len(slow.seen) > 0
            assert client.retries == 0
            assert client._engine.balancer.items_left == AsyncScorerClient("a:1")._engine.balancer.items_left
            results = [result async for result in client.stream(items(50))]
        assert Counter(answers(results)) == Counter(str(i) for i in range(50))
        assert stuck.begun > 0
        await asyncio.wait_for(stuck.all_given_up.wait(), 60)  # its calls were ended, so that it may stop working


async def test_nothing_is_sent_twice_unless_asked_for() -> None:
    async def slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(0.2)
        return right(item)

    async with FakeScorer(slow) as one, FakeScorer(slow) as other:
        async with AsyncScorerClient([one.address, other.address], retry=UNHEDGED) as client:
            await client.score(items(20))
            assert client.hedges == 0
        assert sorted(one.seen + other.seen) == sorted(str(i) for i in range(20))


async def test_one_address_alone_is_not_asked_twice() -> None:
    async def slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(0.2)
        return right(item)

    async with FakeScorer(slow) as server, AsyncScorerClient(server.address, retry=HEDGED) as client:
        assert answers(await client.score(items(5))) == [str(i) for i in range(5)]
        assert len(server.seen) == 5


@pytest.mark.parametrize("first", ["the slow one", "the other"])
async def test_a_failure_elsewhere_does_not_end_what_the_slow_address_will_answer(first: str) -> None:
    asked, asked_elsewhere = asyncio.Event(), asyncio.Event()

    async def waits(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        asked.set()
        await asked_elsewhere.wait()
        await asyncio.sleep(0.05)
        return right(item)

    async def refuses(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        asked_elsewhere.set()
        await asked.wait()
        return failure(item, "FAILURE_INTERNAL", retryable=False)

    async with FakeScorer(waits) as slow, FakeScorer(refuses) as bad:
        addresses = [slow.address, bad.address] if first == "the slow one" else [bad.address, slow.address]
        async with AsyncScorerClient(addresses, timeout=600, retry=HEDGED) as client:
            (result,) = await client.score(items(1))
        assert result.verdict.correct
        assert client.hedges == 1


async def test_what_becomes_late_just_before_the_wait_is_asked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the process is kept from a processor between looking for what is late and waiting."""
    stuck = Stuck()
    wait, runs = Run._wait, list[Run[Any, Any]]()

    async def stall_and_wait(run: Run[Any, Any], *args: Any, **named: Any) -> None:
        runs.append(run)
        if stuck.begun and not run._engine.hedges:
            time.sleep(1)  # noqa: ASYNC251 - the stall itself, which stops the loop
        await wait(run, *args, **named)

    monkeypatch.setattr(Run, "_wait", stall_and_wait)
    patient = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=20, hedge_after=0.9)
    async with (
        FakeScorer(stuck) as slow,
        FakeScorer() as quick,
        AsyncScorerClient([slow.address, quick.address], timeout=600, retry=patient) as client,
    ):
        scoring = asyncio.create_task(client.score(items(1)))
        await asyncio.wait_for(stuck.asked.wait(), 60)
        runs[-1].wake()
        assert answers(await asyncio.wait_for(scoring, 20)) == ["0"]


async def test_no_more_items_are_in_flight_than_allowed() -> None:
    async def slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(0.01)
        return right(item)

    async with FakeScorer(slow) as one, FakeScorer(slow) as other:
        for most in (1, 5):
            async with AsyncScorerClient([one.address, other.address], max_in_flight=most) as client:
                assert answers(await client.score(items(40))) == [str(i) for i in range(40)]
            assert 1 <= one.most_at_once + other.most_at_once <= 2 * most
            assert max(one.most_at_once, other.most_at_once) <= most
