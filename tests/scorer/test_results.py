"""Exceptions become failures, never scores."""

import asyncio
from collections.abc import Awaitable

import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer import results
from scorer.errors import DeadlineExceeded, TaskError


async def raising(error: BaseException) -> pb.Verdict:
    raise error


async def giving(verdict: pb.Verdict) -> pb.Verdict:
    return verdict


@pytest.mark.parametrize(
    ("error", "code", "retryable", "field"),
    [
        (TaskError("bad", field="math.gold"), pb.FAILURE_INVALID_TASK, False, "math.gold"),
        (TaskError("bad", code=pb.FAILURE_UNSUPPORTED_LANGUAGE), pb.FAILURE_UNSUPPORTED_LANGUAGE, False, ""),
        (DeadlineExceeded(), pb.FAILURE_DEADLINE, True, ""),
        (ZeroDivisionError(), pb.FAILURE_INTERNAL, True, ""),
    ],
)
async def test_exceptions(error: Exception, code: int, retryable: bool, field: str) -> None:
    result = await results.outcome_of("i", raising(error))
    assert result.id == "i"
    assert result.WhichOneof("outcome") == "failure"
    assert (result.failure.code, result.failure.retryable, result.failure.field) == (code, retryable, field)
    assert result.failure.message


async def test_a_verdict_passes_through() -> None:
    verdict: Awaitable[pb.Verdict] = giving(pb.Verdict(correct=True, score=1))
    assert (await results.outcome_of("i", verdict)).verdict.correct


async def test_cancellation_passes_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        await results.outcome_of("i", raising(asyncio.CancelledError()))


async def test_an_internal_failure_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    await results.outcome_of("i", raising(ZeroDivisionError("inside")))
    assert "ZeroDivisionError" in caplog.text


def test_overload_says_when_to_come_back() -> None:
    failure = results.overloaded("i", "full", 120).failure
    assert failure.code == pb.FAILURE_OVERLOADED
    assert failure.retry_after_ms == 120
    assert failure.retryable
