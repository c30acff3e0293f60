"""The gRPC service: parses, admits, hands to the engine, answers."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress

import grpc

import codaserve
from codaserve.serving.boundary import abort, caller
from codaserve.serving.deadline import loop_deadline
from codaserve.serving.refusal import Refused, Why
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from scorer.code.judge import CodeJudge
from scorer.engine import Engine
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

    async def Score(self, request: pb.ScoreRequest, context: "grpc.aio.ServicerContext") -> pb.ScoreResponse:  # noqa: N802
        """A batch; results in request order."""
        try:
            results = await self._engine.score(caller(context), request.items, self._deadline(context))
        except Refused as refused:
            await abort(context, refused)
        return pb.ScoreResponse(results=results)

    async def ScoreStream(  # noqa: N802
        self, request_iterator: AsyncIterable[pb.ScoreItem], context: "grpc.aio.ServicerContext"
    ) -> AsyncIterator[pb.ScoreResult]:
        """Items as they come; results as they finish."""
        if self._engine.draining:
            await abort(context, Refused(Why.STOPPING, "the service is stopping; send the call elsewhere"))
        stream = Stream(self._engine, self._engine.max_items, self._deadline(context), caller(context))
        answers = stream.answer(request_iterator)
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
        own = self._engine.quotas.of(caller(context)).items_in_flight or settings.queue.size
        return pb.ScorerInfo(
            version=codaserve.__version__,
            verifier_version=VERSION,
            languages=self._judge.languages,
            isolation=self._judge.isolation,
            limits=pb.ScorerLimits(
                max_items=min(self._engine.max_items, own),
                max_message_bytes=settings.max_message_bytes,
                max_queue=min(settings.queue.size, own),
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
            queue_depth=self._engine.room.items.depth,
            math_isolation=self._engine.math_isolation,
        )

    def _deadline(self, context: "grpc.aio.ServicerContext") -> float:
        now = asyncio.get_running_loop().time()
        remaining = loop_deadline(context, self._settings.max_call_seconds) - now
        return now + remaining - min(ANSWER_SHARE * remaining, ANSWER_SECONDS)
