import asyncio
import os
import threading
from collections.abc import Iterator

import grpc
import pytest

from codaserve import RetryPolicy, ScorerClient, ScoringFailure
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_scorer import FakeScorer, failure, items, right


async def test_scores_in_order() -> None:
    def use(address: str) -> None:
        with ScorerClient(address) as client:
            assert client.info().version == "fake"
            assert [r.verdict.extracted for r in client.score(items(100))] == [str(i) for i in range(100)]

    async with FakeScorer() as server:
        await asyncio.to_thread(use, server.address)


async def test_streams_more_than_it_reads_ahead_in_the_thread_of_the_caller() -> None:
    threads = set()

    def source() -> Iterator[pb.ScoreItem]:
        for item in items(700):
            threads.add(threading.current_thread())
            yield item

    def use(address: str) -> None:
        with ScorerClient(address) as client:
            got = {r.id for r in client.stream(source())}
            assert got == {f"item-{i}" for i in range(700)}
            assert threads == {threading.current_thread()}
            for _ in client.stream(items(10)):
                break
            assert list(client.stream([])) == []

    async with FakeScorer() as server:
        await asyncio.to_thread(use, server.address)


async def test_several_threads_share_a_client() -> None:
    async with FakeScorer() as server:
        client = ScorerClient(server.address)
        batches = await asyncio.gather(*(asyncio.to_thread(client.score, items(50)) for _ in range(4)))
        assert all([r.verdict.extracted for r in b] == [str(i) for i in range(50)] for b in batches)
        await asyncio.to_thread(client.close)


async def test_raises_when_asked_to() -> None:
    async def fail(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        return failure(item, "FAILURE_INVALID_TASK", retryable=False) if item.math.answer == "2" else right(item)

    def use(address: str) -> None:
        with ScorerClient(address, on_failure="raise") as client:
            with pytest.raises(ScoringFailure):
                client.score(items(3))
            with pytest.raises(ScoringFailure):
                list(client.stream(items(3)))

    async with FakeScorer(fail) as server:
        await asyncio.to_thread(use, server.address)


def test_nobody_there(dead_address: str) -> None:
    with ScorerClient(dead_address, retry=RetryPolicy(max_outage=0)) as client:
        (result,) = client.score(items(1))
        assert result.failure.code == pb.FAILURE_UNAVAILABLE


def test_a_client_from_before_a_fork_says_so(dead_address: str) -> None:
    client = ScorerClient(dead_address, retry=RetryPolicy(max_outage=0))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            client.score(items(1))
        except RuntimeError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert "fork" in pipe.read()
    os.waitpid(child, 0)
    client.close()
