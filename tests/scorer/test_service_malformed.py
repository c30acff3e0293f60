"""Bytes that are no message end the call at once, as the caller's fault."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.served import StartScorer, code_item

BROKEN = b"\x0a\xff"
PREFIX = "/codaserve.v1.Scorer/"


@pytest.mark.parametrize("method", ["Score", "Info"])
async def test_a_request_that_cannot_be_read_is_invalid(start_scorer: StartScorer, method: str) -> None:
    scorer = await start_scorer()
    async with grpc.aio.insecure_channel(scorer.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match="cannot be read") as caught:
            await channel.unary_unary(PREFIX + method)(BROKEN)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    await scorer.stub.Info(pb.ScorerInfoRequest())


async def test_an_item_that_cannot_be_read_ends_its_stream_and_the_work_on_it(start_scorer: StartScorer) -> None:
    scorer = await start_scorer()

    async def items() -> AsyncIterator[bytes]:
        yield code_item("1", "wait").SerializeToString()
        yield BROKEN
        await asyncio.Event().wait()

    async with grpc.aio.insecure_channel(scorer.address) as channel:
        call = channel.stream_stream(PREFIX + "ScoreStream")(items())
        with pytest.raises(grpc.aio.AioRpcError, match="cannot be read") as caught:
            await asyncio.wait_for(anext(aiter(call)), 60)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    while scorer.engine.room.items.depth:  # noqa: ASYNC110, bounded by the test's own end
        await asyncio.sleep(0.01)
