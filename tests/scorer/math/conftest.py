"""A pool of real workers for the tests of this folder."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from scorer.math.process.pool import WorkerPool
from scorer.math.settings import MathSettings

StartPool = Callable[..., Awaitable[WorkerPool]]


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
