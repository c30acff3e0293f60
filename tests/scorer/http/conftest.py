"""A whole scorer with its HTTP port, in this process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from codaserve.serving.http.server import http_served
from codaserve.serving.http.settings import HttpSettings
from scorer.code.judge import CodeJudge
from scorer.engine import Engine
from scorer.http import dialects
from scorer.http.desk import Desk
from scorer.math.verifier import MathVerifier
from scorer.settings import ScorerSettings
from tests.codaserve.serving.http.asking import LONG, Server


@dataclass(frozen=True)
class Scorer:
    """A running scorer."""

    server: Server
    engine: Engine
    judge: CodeJudge


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def scorer() -> AsyncIterator[Scorer]:
    """Two slots, Python, C++ and Bash; runs that may take long."""
    settings = ScorerSettings.model_validate(
        {
            "math": {"workers": 1, "cpu_seconds": 60},
            "code": {"sandbox": {"slots": 2}, "languages": ["cpp", "bash"], "max_run": {"wall_seconds": 60}},
            "queue": {"size": 40},
        }
    )
    verifier, judge = MathVerifier(settings.math), CodeJudge(settings.code)
    await verifier.start()
    await judge.start()
    try:
        await asyncio.wait_for(judge.settled(), 2 * LONG)
        engine = Engine(verifier, judge, queue_size=settings.queue.size, queue_bytes=settings.queue.bytes, math_slots=1)
        routes = dialects.routes(Desk(engine, judge, settings.max_call_seconds))
        async with http_served("scorer", routes, HttpSettings(port=0), settings) as address:
            assert address is not None
            yield Scorer(Server(address), engine, judge)
    finally:
        await judge.close()
        await verifier.close()


@pytest_asyncio.fixture(loop_scope="package", autouse=True)
async def nothing_stays(scorer: Scorer) -> AsyncIterator[None]:
    """Whatever a test asked for is over soon after it, and the scorer still works."""
    yield
    async with asyncio.timeout(LONG):
        while scorer.engine.room.items.depth:  # noqa: ASYNC110 - the engine is asked
            await asyncio.sleep(0.01)
    answer: Any = (await scorer.server.post("/slime", {"response": "\\boxed{2}", "label": "2"})).value
    assert answer == 1.0
