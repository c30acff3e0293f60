"""One judge for the tests of all languages, as the machine gives it."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from scorer.code.judge import CodeJudge
from scorer.code.settings import CodeSettings
from scorer.sandbox.settings import SandboxSettings


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def language_judge() -> AsyncIterator[CodeJudge]:
    judge = CodeJudge(CodeSettings(sandbox=SandboxSettings(slots=2)))
    await judge.start()
    await asyncio.wait_for(judge.settled(), 120)
    yield judge
    await judge.close()
