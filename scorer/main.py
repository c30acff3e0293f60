"""`codaserve scorer`: the server process."""

import asyncio
import logging
import sys
from contextlib import AsyncExitStack

import grpc

import codaserve
from codaserve.serving.access.quotas import Quotas
from codaserve.serving.http.server import http_served
from codaserve.serving.lifecycle import serve
from codaserve.serving.logs import configure
from codaserve.serving.metrics import INFO
from codaserve.serving.processes import Processes
from codaserve.settings import ConfigurationError, load
from codaserve.v1 import scorer_pb2, scorer_pb2_grpc
from scorer import init, metrics
from scorer.code.judge import CodeJudge
from scorer.engine import Engine
from scorer.http import dialects
from scorer.http.desk import Desk
from scorer.math.verifier import MathVerifier
from scorer.math.version import VERSION
from scorer.probe import probe
from scorer.sandbox.errors import SandboxError
from scorer.service import ScorerService
from scorer.settings import ScorerSettings

SERVICE_NAME = scorer_pb2.DESCRIPTOR.services_by_name["Scorer"].full_name


def run(argv: list[str]) -> int:
    """Serves until it is told to stop, or only probes; returns the exit status."""
    return init.run(lambda: _run(argv))


def _run(argv: list[str]) -> int:
    try:
        settings = load(ScorerSettings, argv, prog="codaserve scorer")
        configure(settings.log)
        if settings.probe:
            logging.getLogger().setLevel(logging.WARNING)  # what is there to say is in the table
        if settings.processes > 1 and not settings.probe:
            return asyncio.run(Processes("scorer", settings, settings.parts()).run())
        return asyncio.run(probe(settings.code) if settings.probe else _serve(settings))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, SandboxError) as error:
        print(f"codaserve scorer: cannot start: {error}", file=sys.stderr)
        return 1


async def _serve(settings: ScorerSettings) -> int:
    async with AsyncExitStack() as stack:
        verifier = MathVerifier(settings.math)
        stack.push_async_callback(verifier.close)
        await verifier.start()
        judge = CodeJudge(settings.code)
        stack.push_async_callback(judge.close)
        await judge.start()
        engine = Engine(
            verifier,
            judge,
            queue_size=settings.queue.size,
            queue_bytes=settings.queue.bytes,
            math_slots=settings.math.workers,
            max_items=settings.max_items,
            quotas=Quotas(settings.quota.each, parts=settings.quota.processes),
        )
        engine.log_contents = settings.log.contents
        service = ScorerService(settings, engine, judge)

        def register(server: grpc.aio.Server) -> None:
            scorer_pb2_grpc.add_ScorerServicer_to_server(service, server)  # type: ignore[no-untyped-call]

        metrics.QUEUE_ITEMS.set_function(lambda: engine.room.items.depth)
        metrics.QUEUE_BYTES.set_function(lambda: engine.room.bytes.depth)
        metrics.QUEUE_SIZE.set(settings.queue.size)
        INFO.labels("scorer", codaserve.__version__, VERSION).set(1)
        desk = Desk(engine, judge, settings.max_call_seconds, settings.http.undecided)
        await stack.enter_async_context(http_served("scorer", dialects.routes(desk), settings.http, settings))
        return await serve(
            "scorer",
            register,
            settings,
            on_drain=engine.drain,
            service_names=[SERVICE_NAME],
            obstacle=engine.obstacle,
        )
