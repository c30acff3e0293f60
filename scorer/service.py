"""The gRPC service: parses, admits, hands to the engine, answers."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from typing import NoReturn

import grpc

import codaserve
from codaserve.serving.deadline import loop_deadline
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from scorer.code.judge import CodeJudge
from scorer.engine import Engine, group_key, result_of
from scorer.errors import DeadlineExceeded
from scorer.math.version import VERSION
from scorer.settings import ScorerSettings
from scorer.stream import Stream

ANSWER_SHARE = 0.05
"""Share of a call's time that is kept for sending answers back, so that a late item does not take the others along."""
ANSWER_SECONDS = 0.5
"""The most that is kept."""


class ScorerService(scorer_pb2_grpc.ScorerServicer):
    """See the comments of the contract (proto/codaserve/v1/scorer.proto) for what each method promises."""

    def __init__(self, settings: ScorerSettings, engine: Engine, judge: CodeJudge) -> None:
        self._settings = settings
        self._engine = engine
        self._judge = judge
        self._max_items = min(settings.max_items, settings.queue.size)

    async def Score(self, request: pb.ScoreRequest, context: "grpc.aio.ServicerContext") -> pb.ScoreResponse:  # noqa: N802
        """A batch; results in request order."""
        items = request.items
        await self._admit(len(items), context)
        deadline = self._deadline(context)
        call = object()
        jobs = [self._engine.submit(item, group_key(call, item), deadline) for item in items]
        try:
            waited_for = [job.future for job in jobs if not job.future.done()]
            if waited_for:
                await asyncio.wait(waited_for, timeout=deadline - asyncio.get_running_loop().time())
            return pb.ScoreResponse(results=[result_of(job) for job in jobs])
        finally:
            for job in jobs:
                self._engine.cancel(job)

    async def ScoreStream(  # noqa: N802
        self, request_iterator: AsyncIterable[pb.ScoreItem], context: "grpc.aio.ServicerContext"
    ) -> AsyncIterator[pb.ScoreResult]:
        """Items as they come; results as they finish."""
        if self._engine.draining:
            await _refuse(context)
        answers = Stream(self._engine, self._max_items, self._deadline(context)).answer(request_iterator)
        try:
            async for result in answers:
                yield result
        except DeadlineExceeded as error:
            with suppress(grpc.aio.InternalError):  # the client's clock may have ended the call just before
                await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, str(error))
        finally:
            await answers.aclose()  # type: ignore[attr-defined]

    async def Info(self, request: pb.ScorerInfoRequest, context: "grpc.aio.ServicerContext") -> pb.ScorerInfo:  # noqa: N802
        """What a client needs to know."""
        settings = self._settings
        return pb.ScorerInfo(
            version=codaserve.__version__,
            verifier_version=VERSION,
            languages=self._judge.languages,
            isolation=self._judge.isolation,
            limits=pb.ScorerLimits(
                max_items=self._max_items,
                max_message_bytes=settings.max_message_bytes,
                max_queue=settings.queue.size,
                max_cases=settings.code.max_cases,
                max_answer_chars=settings.math.max_answer_chars,
                default_run=self._judge.default_run,
                max_run=self._judge.max_run,
                math_workers=settings.math.workers,
                sandbox_slots=self._judge.slots,
                math_seconds=settings.math.cpu_seconds,
                math_wall_seconds=settings.math.wall_seconds,
                math_memory_bytes=settings.math.memory_bytes,
                profiles=self._judge.profiles,
            ),
            missing_languages=self._judge.missing_languages,
            preloaded=self._judge.preloaded,
            queue_depth=self._engine.admission.depth,
            math_isolation=self._engine.math_isolation,
        )

    def _deadline(self, context: "grpc.aio.ServicerContext") -> float:
        now = asyncio.get_running_loop().time()
        remaining = loop_deadline(context, self._settings.max_call_seconds) - now
        return now + remaining - min(ANSWER_SHARE * remaining, ANSWER_SECONDS)

    async def _admit(self, count: int, context: "grpc.aio.ServicerContext") -> None:
        """Takes room for all of `count` items, or ends the call."""
        if self._engine.draining:
            await _refuse(context)
        if count == 0:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "items: is empty; send at least one item")
        if count > self._max_items:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"items: {count} items are more than Info.limits.max_items = {self._max_items}; split the batch",
            )
        if not self._engine.admission.try_admit(count):
            wait = self._engine.admission.retry_after_ms(count)
            await context.abort(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"the queue is full; come back in {wait} ms",
                trailing_metadata=(("retry-after-ms", str(wait)),),
            )


async def _refuse(context: "grpc.aio.ServicerContext") -> NoReturn:
    await context.abort(grpc.StatusCode.UNAVAILABLE, "the service is stopping; send the call elsewhere")
    raise AssertionError("abort returned")
