"""A scorer on a free port in this process: real math workers, a code judge that does what the test says."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast

import grpc
import pytest
from hypothesis import settings as hypothesis_settings

from codaserve.serving.access.gate import Gate
from codaserve.serving.access.quotas import Quotas
from codaserve.serving.boundary import Boundary
from codaserve.v1 import scorer_pb2_grpc
from scorer.code.judge import CodeJudge
from scorer.engine import Engine
from scorer.math.verifier import MathVerifier
from scorer.service import ScorerService
from scorer.settings import ScorerSettings
from tests.scorer.served import Scorer, ScriptedJudge, StartScorer

hypothesis_settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis_settings.load_profile("untimed")


@pytest.fixture
async def start_scorer() -> AsyncIterator[StartScorer]:
    """Starts scorers with the given settings; they are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(**values: object) -> Scorer:
            settings = ScorerSettings.model_validate({"math": {"workers": 1, "cpu_seconds": 60}, **values})
            verifier = MathVerifier(settings.math)
            stack.push_async_callback(verifier.close)
            await verifier.start()
            judge = ScriptedJudge()
            as_judge = cast(CodeJudge, judge)
            engine = Engine(
                verifier,
                as_judge,
                queue_size=settings.queue.size,
                queue_bytes=settings.queue.bytes,
                math_slots=settings.math.workers,
                max_items=settings.max_items,
                quotas=Quotas(settings.quota.each, parts=settings.quota.processes),
            )
            server = grpc.aio.server(interceptors=[Boundary(Gate(settings.tokens), max_calls=settings.max_calls)])
            service = ScorerService(settings, engine, as_judge)
            scorer_pb2_grpc.add_ScorerServicer_to_server(service, server)  # type: ignore[no-untyped-call]
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            stack.push_async_callback(server.stop, None)
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
            stack.push_async_callback(channel.close)
            stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
            return Scorer(stub, engine, judge, f"127.0.0.1:{port}")

        yield start
