"""Quotas of clients as the scorer's service applies them."""

import asyncio
import itertools
from pathlib import Path

import grpc
import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.served import StartScorer, code_item

LONG = 120.0
SMALL, LARGE = "0123456789abcdef-small", "0123456789abcdef-large"


def holding(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(f"small {SMALL} items=2\nlarge {LARGE}\n")
    return path


async def test_a_client_is_told_and_held_to_its_own_limits(start_scorer: StartScorer, tokens: Path) -> None:
    scorer = await start_scorer(tokens=str(tokens), max_items=8)
    stub = scorer.stub
    infos = [await stub.Info(pb.ScorerInfoRequest(), timeout=LONG, metadata=holding(t)) for t in (SMALL, LARGE)]
    assert [info.limits.max_items for info in infos] == [2, 8]
    assert [info.limits.max_queue for info in infos] == [2, 1024]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Score(pb.ScoreRequest(items=[code_item("a")] * 3), timeout=LONG, metadata=holding(SMALL))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "quota of 2" in (caught.value.details() or "")

    waiting = stub.Score(
        pb.ScoreRequest(items=[code_item("a", "wait"), code_item("b", "wait")]), timeout=LONG, metadata=holding(SMALL)
    )
    while not scorer.judge.started:
        await stub.Info(pb.ScorerInfoRequest(), timeout=LONG, metadata=holding(SMALL))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Score(pb.ScoreRequest(items=[code_item("c")]), timeout=LONG, metadata=holding(SMALL))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "retry-after-ms" in dict(caught.value.trailing_metadata())
    stream = stub.ScoreStream(iter([code_item("d")]), timeout=LONG, metadata=holding(SMALL))
    (answer,) = [result async for result in stream]
    assert answer.failure.code == pb.FAILURE_OVERLOADED
    assert "quota" in answer.failure.message
    assert answer.failure.retry_after_ms > 0
    other = stub.Score(pb.ScoreRequest(items=[code_item("e")]), timeout=LONG, metadata=holding(LARGE))
    scorer.judge.release.set()
    assert (await other).results[0].verdict.correct
    assert [result.verdict.correct for result in (await waiting).results] == [True, True]
    again = await stub.Score(pb.ScoreRequest(items=[code_item("f")]), timeout=LONG, metadata=holding(SMALL))
    assert again.results[0].verdict.correct


async def test_nobody_is_served_without_a_token(start_scorer: StartScorer, tokens: Path) -> None:
    scorer = await start_scorer(tokens=str(tokens))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await scorer.stub.Score(pb.ScoreRequest(items=[code_item("a")]), timeout=LONG)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert not scorer.judge.started


async def test_of_several_processes_each_grants_its_part(start_scorer: StartScorer, tokens: Path) -> None:
    scorer = await start_scorer(tokens=str(tokens), quota={"items_in_flight": 40, "processes": 2})
    infos = [await scorer.stub.Info(pb.ScorerInfoRequest(), metadata=holding(token)) for token in (SMALL, LARGE)]
    assert [info.limits.max_queue for info in infos] == [1, 20]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await scorer.stub.Score(pb.ScoreRequest(items=[code_item("a")] * 2), timeout=LONG, metadata=holding(SMALL))
    assert "quota of 1" in (caught.value.details() or "")


async def test_what_comes_in_an_open_stream_is_not_taken_once_its_token_is_out(
    start_scorer: StartScorer, tokens: Path
) -> None:
    scorer = await start_scorer(tokens=str(tokens))
    stream = scorer.stub.ScoreStream(timeout=LONG, metadata=holding(SMALL))
    await stream.write(code_item("0", "wait"))
    tokens.write_text(f"large {LARGE}\n")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        for number in itertools.count(1):
            await stream.write(code_item(str(number)))
            # One more than the quota is refused, and so answered, as long as the token is good.
            if number > 1:
                assert (await stream.read()).failure.code == pb.FAILURE_OVERLOADED
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    async with asyncio.timeout(LONG):
        while scorer.engine.room.items.depth:  # noqa: ASYNC110 - the engine is asked
            await asyncio.sleep(0.01)
    assert scorer.judge.stopped == ["wait"]
