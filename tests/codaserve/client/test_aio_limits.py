"""What a client learns from Info, and what becomes of it when it is closed or misused."""

import asyncio
from collections.abc import Iterator

import grpc
import pytest

from codaserve import AsyncScorerClient, RetryPolicy, ServiceError
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, answer_right, items, right
from tests.codaserve.client.test_aio import FAST, answers


async def test_in_flight_items_stay_within_what_the_server_publishes() -> None:
    async def slow(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await asyncio.sleep(0.005)
        return right(item)

    limits = pb.ScorerLimits(math_workers=1, sandbox_slots=1, max_queue=5, max_message_bytes=10**6)
    async with FakeScorer(slow, limits) as server, AsyncScorerClient(server.address) as client:
        await client.score(items(1))
        await asyncio.gather(client.score(items(40)), client.score(items(40)))
        assert server.most_at_once <= 5


async def test_a_service_without_info_is_used_all_the_same() -> None:
    async with FakeScorer(info_error=grpc.StatusCode.UNIMPLEMENTED) as server, AsyncScorerClient(server.address) as c:
        assert answers(await c.score(items(30))) == [str(i) for i in range(30)]
        with pytest.raises(ServiceError, match="UNIMPLEMENTED"):
            await c.info()


async def test_info_waits_for_a_service(dead_address: str) -> None:
    async with AsyncScorerClient(dead_address, retry=FAST) as client:
        asking = asyncio.create_task(client.info())
        await asyncio.sleep(0.2)
        async with FakeScorer(port=int(dead_address.split(":")[1])):
            assert (await asyncio.wait_for(asking, 20)).version == "fake"
    async with AsyncScorerClient(dead_address, retry=RetryPolicy(max_outage=0)) as client:
        with pytest.raises(ServiceError, match="UNAVAILABLE"):
            await client.info()


async def test_another_service_at_the_address_is_named() -> None:
    server = grpc.aio.server()
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    async with AsyncScorerClient(address, retry=FAST) as client:
        (result,) = await client.score(items(1))
        assert not result.failure.retryable
        assert f"{address} is not a codaserve.v1.Scorer" in result.failure.message
    await server.stop(None)


async def test_closing_ends_what_is_under_way() -> None:
    started = asyncio.Event()

    async def endless(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        started.set()
        await asyncio.sleep(3600)
        return right(item)

    async with FakeScorer(endless) as server:
        client = AsyncScorerClient(server.address)
        scoring = asyncio.create_task(client.score(items(2)))
        await asyncio.wait_for(started.wait(), 10)
        await client.close()
        with pytest.raises(RuntimeError, match="closed"):
            await asyncio.wait_for(scoring, 10)
        with pytest.raises(RuntimeError, match="closed"):
            await client.score(items(1))


async def test_what_the_source_raises_is_raised() -> None:
    def broken() -> Iterator[pb.ScoreItem]:
        yield from items(3)
        raise KeyError("source")

    async with FakeScorer(answer_right) as server, AsyncScorerClient(server.address) as client:
        with pytest.raises(KeyError, match="source"):
            async for _ in client.stream(broken()):
                pass


def test_refuses_nonsense() -> None:
    for addresses in ("", [], ["a:1", ""], ["a:1", "a:1"]):
        with pytest.raises(ValueError, match="addresses"):
            AsyncScorerClient(addresses)
    with pytest.raises(ValueError, match="timeout"):
        AsyncScorerClient("a:1", timeout=0)
    with pytest.raises(ValueError, match="on_failure"):
        AsyncScorerClient("a:1", on_failure="ignore")  # type: ignore[arg-type]


def test_one_client_one_loop() -> None:
    async def ask(client: AsyncScorerClient) -> None:
        await client.score(items(1), timeout=5)

    client = AsyncScorerClient("127.0.0.1:1", retry=RetryPolicy(max_outage=0))
    asyncio.run(ask(client))
    with pytest.raises(RuntimeError, match="event loop"):
        asyncio.run(ask(client))
