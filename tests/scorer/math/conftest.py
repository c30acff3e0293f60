"""Pools of workers for the tests of this folder: of real ones, and of ones that do what the answer says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from scorer.math.process.pool import WorkerPool
from scorer.math.settings import MathSettings

StartPool = Callable[..., Awaitable[WorkerPool]]
SCRIPTED = "tests.scorer.math.process.scripted"


@pytest.fixture
async def start_pool() -> AsyncIterator[StartPool]:
    """Starts pools that are closed after the test."""
    async with AsyncExitStack() as stack:

        async def start(**settings: float) -> WorkerPool:
            pool = WorkerPool(MathSettings.model_validate({"workers": 1, **settings}))
            stack.push_async_callback(pool.close)
            await pool.start()
            return pool

        yield start


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the workers of pools that are started do what answers say (see scripted.py)."""
    monkeypatch.setattr("scorer.math.process.template.PROGRAM", SCRIPTED)
