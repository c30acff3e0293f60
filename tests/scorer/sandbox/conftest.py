"""A pool as the machine gives it, and one that has to do without namespaces, as in an unprivileged container."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scorer.sandbox.pool import SlotPool
from scorer.sandbox.settings import IsolationSettings, SandboxSettings

NAMESPACES = tuple(f"{kind}_namespace" for kind in ("user", "mount", "pid", "network", "ipc", "uts"))


@pytest_asyncio.fixture(params=[(), NAMESPACES], ids=["namespaces", "bare"])
async def pool(request: pytest.FixtureRequest) -> AsyncIterator[SlotPool]:
    started = SlotPool(SandboxSettings(slots=2, isolation=IsolationSettings(without=request.param)))
    await started.start()
    yield started
    await started.close()


@pytest_asyncio.fixture(params=[(), NAMESPACES], ids=["namespaces", "bare"])
async def pool_of_one_user(request: pytest.FixtureRequest) -> AsyncIterator[SlotPool]:
    """Its runs have the user of the service, so that what they reach may belong to them."""
    isolation = IsolationSettings(without=(*request.param, "dropped_privileges"))
    started = SlotPool(SandboxSettings(slots=1, isolation=isolation))
    await started.start()
    yield started
    await started.close()
