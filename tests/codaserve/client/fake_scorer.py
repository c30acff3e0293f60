"""A scorer whose behaviour a test decides item by item, behind a real gRPC server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import grpc

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc

Behaviour = Callable[[pb.ScoreItem, grpc.aio.ServicerContext], Awaitable[pb.ScoreResult]]


def right(item: pb.ScoreItem, detail: str = "") -> pb.ScoreResult:
    """A verdict that shows which item it is for."""
    verdict = pb.Verdict(correct=True, score=1, reason="REASON_MATCH", extracted=item.math.answer, detail=detail)
    return pb.ScoreResult(id=item.id, verdict=verdict)


async def answer_right(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
    return right(item)


def failure(item: pb.ScoreItem, code: str, *, retryable: bool = True, retry_after_ms: int = 0) -> pb.ScoreResult:
    return pb.ScoreResult(
        id=item.id, failure=pb.Failure(code=code, message="so", retryable=retryable, retry_after_ms=retry_after_ms)
    )


def items(n: int) -> list[pb.ScoreItem]:
    return [pb.ScoreItem(id=f"item-{i}", math=pb.MathTask(gold=["1"], answer=str(i))) for i in range(n)]


@dataclass
class FakeScorer(scorer_pb2_grpc.ScorerServicer):
    """Use as an async context manager; `address` is set then."""

    behaviour: Behaviour = answer_right
    limits: pb.ScorerLimits = field(default_factory=lambda: pb.ScorerLimits(max_items=64, max_message_bytes=100_000))
    port: int = 0
    seen: list[str] = field(default_factory=list)
    """The answer of each item that arrived, repeated when it came again."""
    batches: list[int] = field(default_factory=list)
    """How many items each unary call had."""
    most_at_once: int = 0
    at_once: int = 0
    info_error: grpc.StatusCode | None = None

    async def __aenter__(self) -> "FakeScorer":
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        scorer_pb2_grpc.add_ScorerServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def Info(self, request: pb.ScorerInfoRequest, context: grpc.aio.ServicerContext) -> pb.ScorerInfo:  # noqa: N802
        if self.info_error is not None:
            await context.abort(self.info_error, "no info")
        return pb.ScorerInfo(version="fake", limits=self.limits)

    async def Score(self, request: pb.ScoreRequest, context: grpc.aio.ServicerContext) -> pb.ScoreResponse:  # noqa: N802
        self.batches.append(len(request.items))

        async def items() -> AsyncIterator[pb.ScoreItem]:
            for item in request.items:
                yield item

        results = {result.id: result async for result in self.ScoreStream(items(), context)}
        return pb.ScoreResponse(results=[results[item.id] for item in request.items])

    async def ScoreStream(  # noqa: N802
        self, requests: AsyncIterator[pb.ScoreItem], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.ScoreResult]:
        queue: asyncio.Queue[pb.ScoreResult | BaseException] = asyncio.Queue()
        tasks = []

        async def work(item: pb.ScoreItem) -> None:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                queue.put_nowait(await self.behaviour(item, context))
            except BaseException as error:
                queue.put_nowait(error)
                raise
            finally:
                self.at_once -= 1

        async for item in requests:
            self.seen.append(item.math.answer)
            tasks.append(asyncio.create_task(work(item)))
        try:
            for _ in list(tasks):
                result = await queue.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
