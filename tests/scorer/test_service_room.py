"""The bound of the queue in bytes, and of calls, as clients meet them."""

import asyncio
from typing import Any

import grpc
import pytest

from codaserve.client.aio import AsyncScorerClient
from codaserve.serving.metrics import REGISTRY
from codaserve.serving.refusal import Refused
from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.served import Scorer, StartScorer, code_item

LONG = 120.0
LARGE = "#" + 700 * "x"
"""Two programs of it do not fit into a kilobyte."""


def refusals() -> float:
    """Calls that were refused unread for lack of room."""
    labels = {"method": "refused", "code": "RESOURCE_EXHAUSTED"}
    return REGISTRY.get_sample_value("codaserve_requests_total", labels) or 0.0


async def occupied(scorer: Scorer) -> "asyncio.Future[pb.ScoreResponse]":
    """A call whose one item takes most of the room until the judge is released."""
    items = [code_item("first", "wait" + LARGE)]
    waiting: asyncio.Future[pb.ScoreResponse]
    waiting = asyncio.ensure_future(scorer.stub.Score(pb.ScoreRequest(items=items), timeout=LONG))
    async with asyncio.timeout(LONG):
        while not scorer.judge.started:  # noqa: ASYNC110 - the judge is asked
            await asyncio.sleep(0.01)
    return waiting


def refused_items(reason: str) -> float:
    return REGISTRY.get_sample_value("codaserve_scorer_refused_total", {"reason": reason}) or 0.0


async def test_bytes_fill_the_queue_before_items_do(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(queue={"bytes": 1024})
    before = refused_items("bytes")
    stub = scorer.stub
    waiting = await occupied(scorer)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Score(pb.ScoreRequest(items=[code_item("second", LARGE)]), timeout=LONG)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "queue.bytes" in (caught.value.details() or "")
    assert int(dict(caught.value.trailing_metadata() or ())["retry-after-ms"]) > 0
    items = [code_item("second", LARGE), code_item("small")]
    stream = stub.ScoreStream(timeout=LONG)
    await stream.write(items[0])
    refused = await stream.read()
    assert (refused.id, refused.failure.code, refused.failure.retryable) == ("second", pb.FAILURE_OVERLOADED, True)
    assert "queue.bytes" in refused.failure.message
    assert refused.failure.retry_after_ms > 0
    assert refused_items("bytes") == before + 2  # in the call and in the stream
    await stream.write(items[1])
    scorer.judge.release.set()
    assert (await stream.read()).verdict.correct
    await stream.done_writing()
    assert (await waiting).results[0].verdict.correct
    assert [result.verdict.correct for result in (await stub.Score(pb.ScoreRequest(items=items))).results] == [True] * 2
    assert scorer.engine.room.bytes.depth == 0


async def test_what_was_refused_for_its_bytes_gets_its_verdict_in_the_end(
    start_scorer: StartScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = await start_scorer(queue={"bytes": 1024})
    refused = asyncio.Event()
    admit = scorer.engine.admit

    def watched(*arguments: Any, **keywords: Any) -> list[int]:
        try:
            return admit(*arguments, **keywords)
        except Refused:
            refused.set()
            raise

    monkeypatch.setattr(scorer.engine, "admit", watched)
    waiting = await occupied(scorer)
    async with AsyncScorerClient(scorer.address, timeout=LONG) as client:
        scoring = asyncio.ensure_future(client.score([code_item(str(n), LARGE) for n in range(6)]))
        await asyncio.wait_for(refused.wait(), LONG)
        scorer.judge.release.set()
        assert [result.verdict.correct for result in await scoring] == [True] * 6
    await waiting


async def test_calls_beyond_the_bound_are_refused_unread_and_answered_in_the_end(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(max_calls=2)
    waiting = await occupied(scorer)
    stream = scorer.stub.ScoreStream(timeout=LONG)
    await stream.write(code_item("streamed", "wait"))
    await stream.write(code_item(""))  # an item, too: the stream is being served
    async with asyncio.timeout(LONG):
        while scorer.engine.room.items.depth < 3:  # noqa: ASYNC110 - the engine is asked
            await asyncio.sleep(0.01)
    refused = scorer.stub.ScoreStream(timeout=LONG)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await refused.read()
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "max_calls is 2" in (caught.value.details() or "")
    assert int(dict(caught.value.trailing_metadata() or ())["retry-after-ms"]) > 0
    before = refusals()
    async with AsyncScorerClient(scorer.address, timeout=LONG) as client:
        scoring = asyncio.ensure_future(client.score([code_item(str(n)) for n in range(3)]))
        async with asyncio.timeout(LONG):
            while refusals() == before:  # noqa: ASYNC110 - a counter is watched
                await asyncio.sleep(0.01)
        scorer.judge.release.set()
        await stream.done_writing()
        assert [result.verdict.correct for result in await scoring] == [True] * 3
    assert {result.verdict.correct async for result in stream} == {True}
    assert (await waiting).results[0].verdict.correct


async def test_items_that_a_stream_refuses_are_counted_by_reason(start_scorer: StartScorer) -> None:
    scorer = await start_scorer(max_items=1, queue={"size": 1}, quota={"items_per_second": 1e6})
    waiting = await occupied(scorer)
    before = {reason: refused_items(reason) for reason in ("items", "invalid", "stopping")}
    stream = scorer.stub.ScoreStream(timeout=LONG)
    for item_id in ("a", "b", "b"):
        await stream.write(code_item(item_id))
        assert (await stream.read()).failure.message
    draining = asyncio.ensure_future(scorer.engine.drain())
    await asyncio.sleep(0)
    await stream.write(code_item("c"))
    assert (await stream.read()).failure.code == pb.FAILURE_SHUTTING_DOWN
    assert {reason: refused_items(reason) - count for reason, count in before.items()} == {
        "items": 2,
        "invalid": 1,
        "stopping": 1,
    }
    scorer.judge.release.set()
    await waiting
    await draining
