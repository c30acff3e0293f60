"""One judge for the tests of all languages, as the machine gives it."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest_asyncio

from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.sandbox.settings import IsolationSettings, SandboxSettings


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def language_judge() -> AsyncIterator[CodeJudge]:
    # Limits of processes count by user: other services on the machine must not use them up.
    isolation = IsolationSettings(first_uid=65600 + 2 * os.getpid())
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=2, isolation=isolation)))
    await judge.start()
    await asyncio.wait_for(judge.settled(), 120)
    yield judge
    await judge.close()
