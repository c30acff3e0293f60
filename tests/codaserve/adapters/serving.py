"""A scorer that judges at a glance, in a thread of its own, so that trainers may block."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from codaserve.v1 import critic_pb2
from codaserve.v1 import scorer_pb2 as pb
from tests.codaserve.client.fake_critic import FakeCritic
from tests.codaserve.client.fake_scorer import FakeScorer, failure

FAILS = "FAILS"
"""In a response: the scorer has no verdict on it."""
UNDECIDED = "UNDECIDED"
"""In a response: the scorer could not decide on it."""


async def judge(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
    """Right if the first gold answer is in the response."""
    response = item.math.response if item.HasField("math") else item.code.response
    if FAILS in response:
        return failure(item, "FAILURE_INTERNAL", retryable=False)
    if UNDECIDED in response:
        return pb.ScoreResult(id=item.id, verdict=pb.Verdict(reason="REASON_UNDECIDED_TIME"))
    wanted = item.math.gold[0] if item.HasField("math") else item.code.asserts.script
    right = wanted in response
    return pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=right, score=float(right), reason="REASON_MATCH"))


@contextmanager
def in_thread(server: Any) -> Iterator[Any]:
    """Runs a server, an async context manager, while the block runs."""
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert started.wait(60)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


@contextmanager
def scorer(
    behaviour: Callable[[pb.ScoreItem, grpc.aio.ServicerContext], Awaitable[pb.ScoreResult]] = judge,
) -> Iterator[FakeScorer]:
    """A running scorer."""
    with in_thread(FakeScorer(behaviour)) as server:
        yield server


class StepCritic(FakeCritic):
    """Two steps of as many tokens each, the first of value 0.75; the prompt's is 0.5."""

    async def EvaluateStream(  # noqa: N802
        self, requests: AsyncIterator[critic_pb2.StateGroup], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[critic_pb2.GroupEvaluation]:
        async for group in requests:
            values = []
            for response in group.responses.responses:
                tokens = len(response.token_ends)
                ends = [tokens // 2, tokens]
                spans = [critic_pb2.Span(begin=begin, end=end) for begin, end in zip([0, ends[0]], ends, strict=True)]
                steps = [
                    critic_pb2.StepValue(value=value, tokens=span)
                    for value, span in zip((0.75, response.outcome), spans, strict=True)
                ]
                values.append(critic_pb2.ResponseValues(steps=steps))
            answer = critic_pb2.GroupValues(prompt_value=0.5, responses=values)
            yield critic_pb2.GroupEvaluation(id=group.id, values=answer)
