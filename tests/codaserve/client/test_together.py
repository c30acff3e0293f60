"""Which items travel in one call."""

import asyncio

import grpc

from codaserve import AsyncScorerClient
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, items
from tests.codaserve.client.test_aio import FAST, answers


async def test_quick_items_travel_together_within_the_limits_of_the_server_and_slow_ones_alone() -> None:
    async with FakeScorer() as server, AsyncScorerClient(server.address, retry=FAST) as client:
        server.limits.max_items = 3
        server.limits.math_workers = 64
        results = await client.score(items(40))
        assert answers(results) == [str(i) for i in range(40)]
        assert server.batches and max(server.batches) == 3
        server.batches.clear()
        code = pb.ScoreItem(id="code", code=pb.CodeTask(language="python", source="pass"))
        await client.score([code, *items(1)])
        [result async for result in client.stream(items(5))]
        assert server.batches == []


def programs(n: int) -> list[pb.ScoreItem]:
    return [pb.ScoreItem(id="same", code=pb.CodeTask(language="python", source=str(i))) for i in range(n)]


async def test_programs_travel_a_few_together_so_that_a_slow_one_holds_up_no_other_worker() -> None:
    workers = asyncio.Semaphore(2)
    others: list[str] = []
    all_others = asyncio.Event()

    async def run(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        async with workers:
            if item.code.source == "3":
                await asyncio.wait_for(all_others.wait(), 20)
            else:
                others.append(item.code.source)
            if len(others) == 99:
                all_others.set()
        return pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=True, extracted=item.code.source))

    limits = pb.ScorerLimits(sandbox_slots=2, default_run=pb.RunLimits(wall_seconds=10), max_message_bytes=100_000)
    limits.max_items = 64
    async with FakeScorer(run, limits) as server, AsyncScorerClient(server.address) as client:
        # The slow one's own call holds seven others, which two workers have done with before the next call comes.
        assert answers(await client.score(programs(100))) == [str(i) for i in range(100)]
        assert len(others) == 99
        assert max(server.batches) == 8
        assert sum(server.batches) == 100
        server.batches.clear()
        [result async for result in client.stream(programs(2))]
        await client.score([*programs(2), *items(1)])  # answers need not wait for programs
        assert server.batches == []


async def test_programs_that_are_too_large_for_one_call_are_streamed() -> None:
    limits = pb.ScorerLimits(sandbox_slots=1, max_items=64, max_message_bytes=100_000)
    async with FakeScorer(limits=limits) as server, AsyncScorerClient(server.address) as client:
        batch = programs(4)
        for item in batch:
            item.code.source = "1" * 60_000
        assert all(result.verdict.correct for result in await client.score(batch))
        assert server.batches == []
        assert len(server.seen) == 4
